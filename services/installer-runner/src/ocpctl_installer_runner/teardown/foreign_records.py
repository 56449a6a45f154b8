"""Keeps a clean-up off the public records of whoever has the name now.

`destroy cluster` deletes from the public zone every record with the name and type of one in a zone that it owns,
wherever it points to. So the zone keeps only the records that lead it to the attempt's own.
"""

from collections.abc import Iterator
from typing import Any

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.cloud.resources import zones
from ocpctl_common.cloud.resources.clients import GLOBAL_REGION
from ocpctl_common.cloud.session import aws_errors

from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.teardown import dns_records
from ocpctl_installer_runner.teardown.scope import Target, target_of

log = structlog.get_logger()


def spare_others(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """Deletes what would lead `destroy cluster` to others' public records, before it runs.

    Where the name was used since, the attempt's own public records are deleted here, each as it was read, and nothing
    in its zone leads anywhere: whoever has the name may make a record at any moment. Raises Unavailable, ClientError:
    then nothing may be destroyed.
    """
    for zone, record in _in_the_way(attempt, target_of(dirty, attempt.domain)):
        attempt.lease.check()
        _delete(attempt, zone, record)


def _in_the_way(attempt: Attempt, target: Target) -> Iterator[tuple[str, Any]]:
    """Zones and records."""
    clients = attempt.tools.clients
    public = list(dns_records.found(clients, target))
    if target.name_used_since:
        yield from ((one.zone, one.record) for one in public if one.is_ours)
    foreign = {zones.key_of(one.record) for one in public if not one.is_ours}
    for zone in zones.owned(clients, target.owner, target.domain, vpcs=()):
        for record in zones.records(clients, zone.id):
            if target.name_used_since or zones.key_of(record) in foreign:
                yield zone.id, record


def _delete(attempt: Attempt, zone: str, record: Any) -> None:
    """Route 53 deletes a record only if it is still exactly this one; if not, the clean-up looks anew when it is tried
    again.
    """
    client = attempt.tools.clients.get("route53", GLOBAL_REGION)
    batch: Any = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
    with aws_errors("AWS (change_resource_record_sets)"):
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    log.info("record deleted, lest others lose theirs", zone=zone, record=" ".join(zones.key_of(record)))
