"""The look for everything of one attempt: candidates of all types, each confirmed by its own service."""

from collections.abc import Iterable

from ocpctl_common.providers.aws.resources import balancers, cloudfront, ec2, iam, storage, vpc, zones
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients
from ocpctl_common.providers.aws.resources.tags import ec2_tagged, tagged
from ocpctl_common.providers.aws.resources.thing import Owner
from ocpctl_common.providers.cloud import Thing

OTHER = "tagging:other"  # a type that nobody here can confirm: taken for real
# They cannot be without their security group.
HARMLESS = frozenset({"ec2:security-group-rule"})
CONFIRMS = {
    **dict.fromkeys(ec2.ROWS, ec2.exists),
    **dict.fromkeys(balancers.KINDS, balancers.exists),
    **dict.fromkeys(iam.KINDS, iam.exists),
    **dict.fromkeys(storage.KINDS, storage.exists),
    **dict.fromkeys(cloudfront.KINDS, cloudfront.exists),
    zones.KIND: zones.exists,
}
KINDS = (*CONFIRMS, OTHER)


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether it is there, asked of its own service. An unknown type is, unless it is harmless. Raises Unavailable."""
    confirm = CONFIRMS.get(thing.kind)
    return confirm(clients, thing) if confirm else thing.kind not in HARMLESS


def owned(clients: Clients, owner: Owner, *, region: str, domain: str) -> list[Thing]:
    """Everything of an attempt that exists, and what lies in its VPCs, tagged or not. Raises Unavailable."""
    shown = cloudfront.owned(clients, region, owner)
    issuers = cloudfront.issuers(clients, shown)
    found = _confirmed(clients, [*_by_tag(clients, owner, region), *iam.owned(clients, owner, issuers)])
    vpcs = [one for one in found if one.kind == "ec2:vpc"]
    ids = {one.id for one in vpcs}
    inside = [thing for one in vpcs for thing in vpc.contents(clients, one)]
    named = [
        *balancers.owned(clients, region, owner, ids),
        *storage.owned(clients, region, owner),
        *shown,
        *zones.owned(clients, owner, domain, ids),
    ]
    known = {(one.kind, one.id) for one in found}
    return [*found, *_confirmed(clients, [one for one in (*inside, *named) if (one.kind, one.id) not in known])]


def _by_tag(clients: Clients, owner: Owner, region: str) -> list[Thing]:
    """The tagging API and EC2's own list: two indexes, and neither is told of everything at once."""
    pairs = owner.identifiers.items()
    regions = sorted({region, GLOBAL_REGION})
    found = [one for place in regions for one in tagged(clients, place, pairs)]
    return found + [one for one in ec2_tagged(clients, region, list(owner.identifiers)) if owner.marks(one.tags)]


def _confirmed(clients: Clients, candidates: Iterable[Thing]) -> list[Thing]:
    unique = {(one.kind, one.id): one for one in candidates}
    return [one for one in unique.values() if exists(clients, one)]
