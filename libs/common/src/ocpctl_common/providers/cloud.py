"""What is asked of the cloud of a cluster: one account, with the credentials of this process.

All verbs raise CloudUnavailable where the cloud does not answer or throttles, and CloudRefused where it refuses.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which resources count as an attempt's. `domain` is <name>.<base domain>; `name_used_since`: another attempt was
    allowed to use it afterwards.
    """

    infra_id: str
    region: str
    domain: str
    cluster_uuid: str = ""
    name_used_since: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """`id` is what its own service knows it by. `tags` may be a part of them. `arn`, its name in all of the cloud, is
    empty where nobody told it.
    """

    kind: str
    id: str
    region: str
    tags: Mapping[str, str] = field(default_factory=dict)
    arn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A resource with what its tags say: whose it is, if they say it. `ours`: it carries the tag of ocpctl."""

    arn: str
    kind: str
    infra_id: str
    attempt_id: str
    ours: bool
    thing: Thing


@dataclass(frozen=True, slots=True)
class CredentialProblem:
    """A word for it, and what is wrong and how it is mended."""

    name: str
    sentence: str


class UnusableSource(Exception):
    """The cluster role cannot be taken with what gives this process its credentials; says how it is mended."""


class Account(Protocol):
    """The account that the credentials act in. Thread-safe."""

    def ask(self) -> str:
        """Asked now: before something is proven or destroyed, or an installer is started, which acts there too."""

    def last_known(self) -> str:
        """As it was asked last: for what need not be proven."""


class OrphanSearch(Protocol):
    """Resources that carry our tags, or those of clusters."""

    @property
    def always(self) -> Collection[str]:
        """Regions that are searched even where the account does not say which it has."""

    def regions(self) -> Sequence[str]:
        """Every region that is enabled in the account."""

    def infra_ids(self, region: str) -> Sequence[str]:
        """Every infrastructure id that tags of the region name, whoever made it."""

    def resources(self, account: str, region: str, infra_ids: Sequence[str]) -> Sequence[Tagged]:
        """Every resource of the region that carries our tag or that of one of these ids, and maybe of others."""

    def exists(self, found: Tagged) -> bool:
        """Whether its own service describes it."""


class Cloud(Protocol):
    """An account of a cloud. Thread-safe."""

    @property
    def account(self) -> Account:
        """Who we are there."""

    @property
    def orphans(self) -> OrphanSearch:
        """What may belong to nothing that lives."""

    def credential_problems(self) -> Iterable[CredentialProblem]:
        """Why an installer could not act with the credentials of this process."""

    def has_temporary_credentials(self) -> bool:
        """Whether they end by themselves, as those of a role do: no cluster can be given such ones to keep."""

    def remaining(self, scope: Scope) -> Mapping[str, Sequence[str]]:
        """Names of what exists of an attempt, by type; every type that was asked is named, also with an empty list.

        An independent look: it relies on nothing that the installer says.
        """

    def prepare_destroy(self, scope: Scope, check: Callable[[], None]) -> None:
        """Lets `destroy cluster` find all that is the attempt's, and nothing that is another's.

        `check` is called before every change and raises when nothing may be changed any more. An error means that
        nothing may be destroyed.
        """

    def delete_credentials(self, scope: Scope, check: Callable[[], None]) -> None:
        """Deletes what gave the attempt's cluster its credentials. `check` as in `prepare_destroy`.

        Call it after `destroy cluster`, which knows nothing of it.
        """
