"""Protects the public records of whoever uses the name now.

`destroy cluster` deletes from the public zone every record with the name and type of one in a zone that it owns,
wherever it points to. So the zone keeps only the records that lead it to the attempt's own.
"""

from collections.abc import Callable, Iterator
from typing import Any

import structlog

from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.providers.aws.resources import zones
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients
from ocpctl_common.providers.aws.resources.thing import owner_of
from ocpctl_common.providers.aws.teardown import dns_records
from ocpctl_common.providers.cloud import Scope

log = structlog.get_logger()


def protect(clients: Clients, scope: Scope, check: Callable[[], None]) -> None:
    """Deletes what would lead `destroy cluster` to others' public records, before it runs.

    Where the name was used since, the attempt's own public records are deleted here, each as it was read, and nothing
    in its zone leads anywhere: whoever has the name may make a record at any moment. Raises Unavailable, CloudRefused:
    then nothing may be destroyed.
    """
    for zone, record in _to_delete(clients, scope):
        check()
        _delete(clients, zone, record)


def _to_delete(clients: Clients, scope: Scope) -> Iterator[tuple[str, Any]]:
    """Zones and records."""
    public = list(dns_records.public(clients, scope))
    if scope.name_used_since:
        yield from ((item.zone, item.record) for item in public if item.is_ours)
    foreign = {zones.key_of(item.record) for item in public if not item.is_ours}
    for zone in zones.owned(clients, owner_of(scope), scope.domain, vpcs=()):
        for record in zones.records(clients, zone.id):
            if scope.name_used_since or zones.key_of(record) in foreign:
                yield zone.id, record


def _delete(clients: Clients, zone: str, record: Any) -> None:
    """Route 53 deletes a record only if it is still exactly this one. If it is not, the cleanup fails, and its next
    try reads the records again.
    """
    client = clients.get("route53", GLOBAL_REGION)
    batch: Any = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
    with aws_errors("AWS (change_resource_record_sets)"):
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    log.info("record deleted to protect others' records", zone=zone, record=" ".join(zones.key_of(record)))
