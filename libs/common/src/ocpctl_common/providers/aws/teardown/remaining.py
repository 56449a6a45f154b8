"""Is anything left? An independent, read-only look at every type of resource that a cluster makes.

`destroy cluster` exits 0 also when it looked in the wrong account; this is the second opinion. The types and how each
is confirmed are shared with the search for orphans (the room `resources`); records of DNS are judged here.
"""

from ocpctl_common.providers.aws.resources import looking
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.aws.resources.thing import Owner, owner_of
from ocpctl_common.providers.aws.teardown import dns_records
from ocpctl_common.providers.cloud import Target, Thing

RECORD = "route53:record"


def look(clients: Clients, target: Target) -> dict[str, list[str]]:
    """Ids of what is left, by type; every type that was asked is named, also with an empty list. Raises Unavailable."""
    found: dict[str, list[str]] = {kind: [] for kind in (*looking.KINDS, RECORD)}
    owner = owner_of(target)
    for thing in looking.owned(clients, owner, region=target.region, domain=target.domain):
        known = thing.kind in found
        found[thing.kind if known else looking.OTHER].append(_told(owner, thing) if known else thing.arn or thing.id)
    found[RECORD] = dns_records.records(clients, target)
    return found


def _told(owner: Owner, thing: Thing) -> str:
    """What has no tag is there because it lies in the attempt's VPC: whoever reads it must know why."""
    inside = thing.kind.startswith("ec2:") and not owner.marks(thing.tags)
    return f"{thing.id} (not tagged, in the cluster's VPC)" if inside else thing.id
