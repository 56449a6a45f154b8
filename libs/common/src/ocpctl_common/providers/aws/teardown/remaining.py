"""What is left of an attempt: an independent, read-only search through every type of resource that a cluster makes.

`destroy cluster` exits 0 also when it searched the wrong account; this is the second opinion. The types, and how each
is confirmed, are shared with the search for orphans (the room `resources`); records of DNS are judged here.
"""

from ocpctl_common.providers.aws.resources import looking
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.aws.resources.thing import Owner, owner_of
from ocpctl_common.providers.aws.teardown import dns_records
from ocpctl_common.providers.cloud import Scope, Thing

RECORD = "route53:record"


def find(clients: Clients, scope: Scope) -> dict[str, list[str]]:
    """Ids of what is left, by type; every type that was searched is named, also with an empty list.

    Raises Unavailable, CloudRefused.
    """
    found: dict[str, list[str]] = {kind: [] for kind in (*looking.KINDS, RECORD)}
    owner = owner_of(scope)
    for thing in looking.owned(clients, owner, region=scope.region, domain=scope.domain):
        if thing.kind in found:
            found[thing.kind].append(_description(owner, thing))
        else:
            found[looking.OTHER].append(thing.arn or thing.id)
    found[RECORD] = dns_records.owned(clients, scope)
    return found


def _description(owner: Owner, thing: Thing) -> str:
    """What has no tag is there because it lies in the attempt's VPC: whoever reads it must know why."""
    untagged = thing.kind.startswith("ec2:") and not owner.marks(thing.tags)
    return f"{thing.id} (not tagged, in the cluster's VPC)" if untagged else thing.id
