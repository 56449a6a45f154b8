"""What carries our tags, or those of clusters: read in every region that is enabled, each find confirmed.

The tagging API is eventually consistent both ways, and does not know every type: EC2's own list of tags, the tags of
IAM and of hosted zones are read beside it.
"""

from collections.abc import Iterator, Mapping, Sequence

from ocpctl_common.providers.aws.resources import cloudfront, ec2, iam, looking, tags, zones
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, pages
from ocpctl_common.providers.aws.resources.thing import MARKS, OWNED, infra_id_of
from ocpctl_common.providers.cloud import Tagged, Thing

OURS = "ocpctl:managed-by"
ATTEMPT = "ocpctl:attempt"


class AccountSearch:
    """The search in the account of the clients' credentials."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    @property
    def always(self) -> frozenset[str]:
        """See OrphanSearch: where things without a region are listed."""
        return frozenset({GLOBAL_REGION})

    def regions(self) -> list[str]:
        """See OrphanSearch."""
        found = pages(self._clients.get("ec2", GLOBAL_REGION), "describe_regions", "Regions")
        return [str(region["RegionName"]) for region in found]

    def infra_ids(self, region: str) -> list[str]:
        """See OrphanSearch."""
        keys = tags.keys(self._clients, region)
        return sorted({key.removeprefix(mark) for key in keys for mark in MARKS if key.startswith(mark)})

    def resources(self, account: str, region: str, infra_ids: Sequence[str]) -> list[Tagged]:
        """See OrphanSearch. What runs in a cluster makes resources without our tag, but with the cluster's."""
        marks = [(f"{mark}{infra_id}", OWNED) for infra_id in infra_ids for mark in MARKS]
        found = list(tags.tagged(self._clients, region, [(OURS, "ocpctl"), *marks]))
        known = {(one.kind, one.id) for one in found}
        found += [one for one in self._beside(region) if (one.kind, one.id) not in known]
        return [_tagged(one, self._arn(account, one)) for one in found]

    def exists(self, found: Tagged) -> bool:
        """See OrphanSearch."""
        return looking.exists(self._clients, found.thing)

    def _beside(self, region: str) -> Iterator[Thing]:
        patterns = [OURS, ATTEMPT, *(f"{mark}*" for mark in MARKS)]
        yield from tags.ec2_tagged(self._clients, region, patterns)
        if region == GLOBAL_REGION:
            everywhere = [
                *iam.listed(self._clients, lambda _: True),
                *iam.providers(self._clients),
                *zones.listed(self._clients, lambda _: True),
                *cloudfront.listed(self._clients, region),
            ]
            yield from (one for one in everywhere if OURS in one.tags or infra_id_of(one.tags))

    def _arn(self, account: str, thing: Thing) -> str:
        if thing.kind == zones.KIND:
            return f"arn:{self._clients.partition(thing.region)}:route53:::hostedzone/{thing.id}"
        if thing.kind == cloudfront.IDENTITY:
            return cloudfront.identity_arn(self._clients, account, thing)
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
