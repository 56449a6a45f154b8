"""Is anything left? An independent, read-only look at every type of resource that a cluster makes.

`destroy cluster` exits 0 also when it looked in the wrong account; this is the second opinion. The types and how each
is confirmed are shared with the sweep for orphans (ocpctl_common.cloud.resources); records of DNS are judged here.
"""

from ocpctl_common.cloud.resources import looking
from ocpctl_common.cloud.resources.clients import Clients
from ocpctl_common.cloud.resources.thing import Thing

from ocpctl_installer_runner.teardown import dns_records
from ocpctl_installer_runner.teardown.scope import Target

RECORD = "route53:record"


def look(clients: Clients, target: Target) -> dict[str, list[str]]:
    """Ids of what is left, by type; every type that was asked is named, also with an empty list. Raises Unavailable."""
    found: dict[str, list[str]] = {kind: [] for kind in (*looking.KINDS, RECORD)}
    for thing in looking.owned(clients, target.owner, region=target.region, domain=target.domain):
        known = thing.kind in found
        found[thing.kind if known else looking.OTHER].append(_told(target, thing) if known else thing.arn or thing.id)
    found[RECORD] = dns_records.records(clients, target)
    return found


def _told(target: Target, thing: Thing) -> str:
    """What has no tag is there because it lies in the attempt's VPC: whoever reads it must know why."""
    inside = thing.kind.startswith("ec2:") and not target.owner.marks(thing.tags)
    return f"{thing.id} (not tagged, in the cluster's VPC)" if inside else thing.id
