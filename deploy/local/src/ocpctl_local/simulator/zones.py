"""A private zone goes with its records, and with the public records of the same names and types.

That is all that destroy knows of public records: when two clusters of one name exist, the destroy of one takes the
public records of the other. The real one does so too; it is the product that must not let it come to this.
"""

from typing import Any

from ocpctl_local.simulator.cloud import Cloud, pages, public_zone
from ocpctl_local.simulator.log import InstallLog

OF_THE_ZONE = ("SOA", "NS")


def delete_zone(cloud: Cloud, arn: str, log: InstallLog) -> None:
    """Public records first: they are found by the private ones. Raises ClientError."""
    zone = arn.rpartition("/")[2]
    name = cloud.route53.get_hosted_zone(Id=zone)["HostedZone"]["Name"].rstrip(".")
    own = [record for record in _records(cloud, zone) if record["Type"] not in OF_THE_ZONE]
    wanted = {_key(record) for record in own}
    if public := public_zone(cloud, name):
        same = [record for record in _records(cloud, public) if _key(record) in wanted]
        _delete(cloud, public, same, log, {"id": zone, "public zone": public})
    _delete(cloud, zone, own, log, {"id": zone})
    cloud.route53.delete_hosted_zone(Id=zone)
    log.line("Deleted", id=zone)


def _records(cloud: Cloud, zone: str) -> list[Any]:
    return pages(cloud.route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)


def _key(record: Any) -> str:
    return f"{record['Type']} {record['Name']}"


def _delete(cloud: Cloud, zone: str, records: list[Any], log: InstallLog, fields: dict[str, str]) -> None:
    for record in records:
        change = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
        cloud.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
        log.line("Deleted", **fields, **{"record set": _key(record)})
