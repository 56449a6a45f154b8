"""A provider: what differs between the clouds of clusters.

Pure: whatever asks a cloud is behind `connect` (see `cloud`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ocpctl_common.providers.cloud import Cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRules:
    """What a cloud takes as tags, beyond the characters that every cloud takes.

    `reserved` are parts of keys that are the cloud's own, in small letters. `one_case` names who takes keys that differ
    only in capitals for the same key; empty: nobody.
    """

    limit: int
    reserved: tuple[str, ...] = ()
    one_case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyKey:
    """Runs with equal keys share the cloud's limits, so they are counted together. An empty region: all regions."""

    account_id: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterIdentity:
    """What is known of a cluster whose metadata.json is damaged. `domain` is <name>.<base domain>."""

    name: str
    infra_id: str
    region: str
    domain: str


class Provider(Protocol):
    """A cloud. Only `connect` does I/O. A disabled one raises ProviderDisabled where its clusters are needed."""

    @property
    def name(self) -> str:
        """The word in profiles, requests and install-config.yaml."""

    @property
    def label(self) -> str:
        """The name for people."""

    @property
    def disabled(self) -> bool:
        """Profiles are listed and requests are checked, and every request is refused."""

    @property
    def tag_rules(self) -> TagRules:
        """What tags are taken."""

    def install_config(self, *, region: str, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """The cloud's own top-level keys of install-config.yaml, `platform` among them."""

    def concurrency_key(self, account_id: str, region: str) -> ConcurrencyKey:
        """What a run of this account and region is counted under."""

    @property
    def api_errors(self) -> re.Pattern[str]:
        """An error of the cloud's API in the installer's log. Raises ProviderDisabled."""

    def child_environment(self, own: Mapping[str, str]) -> Mapping[str, str]:
        """Of a runner's variables those by which its installer acts as the same principal. Raises ProviderDisabled."""

    def secrets(self, own: Mapping[str, str]) -> tuple[str, ...]:
        """Values of a runner's variables that no log may hold. Raises ProviderDisabled."""

    def credentials_command(
        self, *, name: str, region: str, requests: Path, output: Path, private: bool
    ) -> Sequence[str]:
        """Words for the credentials tool: make what `requests` asks for, under `name`. Raises ProviderDisabled.

        `private`: nothing that it makes may be read by everybody at its own address.
        """

    def rebuilt_metadata(self, cluster: ClusterIdentity) -> Mapping[str, Any]:
        """The least metadata.json with which `destroy cluster` finds everything. Raises ProviderDisabled."""

    def connect(self) -> Cloud:
        """The account of this process's credentials. Raises ProviderDisabled, Unavailable."""
