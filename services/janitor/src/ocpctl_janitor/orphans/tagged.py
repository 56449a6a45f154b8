"""What carries our tags, or those of clusters: read in every region that is enabled, each find confirmed.

The tagging API is eventually consistent both ways, and does not know every type: EC2's own list of tags, the tags of
IAM and of hosted zones are read beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocpctl_common.cloud.resources import ec2, iam, looking, tags, zones
from ocpctl_common.cloud.resources.clients import GLOBAL_REGION, Clients, pages
from ocpctl_common.cloud.resources.thing import CAPA, CLUSTER, OWNED, Thing, infra_id_of

OURS = "ocpctl:managed-by"
ATTEMPT = "ocpctl:attempt"
MARKS = (CLUSTER, CAPA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A resource with what its tags say: whose it is, if they say it. `ours`: it carries the tag of ocpctl."""

    arn: str
    kind: str
    infra_id: str
    attempt_id: str
    ours: bool
    thing: Thing


class TagSearch(Protocol):
    """The verbs of the cloud that the sweep uses. All raise Unavailable."""

    def regions(self) -> list[str]:
        """Every region that is enabled in the account."""

    def infra_ids(self, region: str) -> list[str]:
        """Every infrastructure id that the tagging API knows in the region, whoever made it."""

    def resources(self, account: str, region: str, infra_ids: Sequence[str]) -> list[Tagged]:
        """Every resource of the region that carries our tag or that of one of these ids, and maybe of others."""

    def exists(self, found: Tagged) -> bool:
        """Whether its own service describes it."""


class AccountSearch:
    """The search in the account of the clients' credentials."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def regions(self) -> list[str]:
        """See TagSearch."""
        found = pages(self._clients.get("ec2", GLOBAL_REGION), "describe_regions", "Regions")
        return [str(region["RegionName"]) for region in found]

    def infra_ids(self, region: str) -> list[str]:
        """See TagSearch."""
        keys = tags.keys(self._clients, region)
        return sorted({key.removeprefix(mark) for key in keys for mark in MARKS if key.startswith(mark)})

    def resources(self, account: str, region: str, infra_ids: Sequence[str]) -> list[Tagged]:
        """See TagSearch. What runs in a cluster makes resources without our tag, but with the cluster's."""
        marks = [(f"{mark}{infra_id}", OWNED) for infra_id in infra_ids for mark in MARKS]
        found = list(tags.tagged(self._clients, region, [(OURS, "ocpctl"), *marks]))
        known = {(one.kind, one.id) for one in found}
        found += [one for one in self._beside(region) if (one.kind, one.id) not in known]
        return [_tagged(one, self._arn(account, one)) for one in found]

    def exists(self, found: Tagged) -> bool:
        """See TagSearch."""
        return looking.exists(self._clients, found.thing)

    def _beside(self, region: str) -> Iterator[Thing]:
        patterns = [OURS, ATTEMPT, *(f"{mark}*" for mark in MARKS)]
        yield from tags.ec2_tagged(self._clients, region, patterns)
        if region == GLOBAL_REGION:
            everywhere = [
                *iam.listed(self._clients, lambda _: True),
                *zones.listed(self._clients, lambda _: True),
            ]
            yield from (one for one in everywhere if OURS in one.tags or infra_id_of(one.tags))

    def _arn(self, account: str, thing: Thing) -> str:
        if thing.kind == zones.KIND:
            return f"arn:{self._clients.partition(thing.region)}:route53:::hostedzone/{thing.id}"
        return thing.arn or ec2.arn(self._clients, account, thing)


def _tagged(thing: Thing, arn: str) -> Tagged:
    known: Mapping[str, str] = thing.tags
    return Tagged(
        arn=arn,
        kind=thing.kind,
        infra_id=infra_id_of(known),
        attempt_id=known.get(ATTEMPT, ""),
        ours=known.get(OURS) == "ocpctl",
        thing=thing,
    )
