"""Route 53: the cluster's private zone, and its records in every zone that could hold them."""

from typing import Any

from ocpctl_installer_runner.absence.target import Clients, Target, pages

REGION = "us-east-1"  # Route 53 is global


def _zones(clients: Clients, target: Target) -> list[str]:
    return [zone["Id"] for zone in _all_zones(clients) if _name(zone) == target.domain]


def _records(clients: Clients, target: Target) -> list[str]:
    base_domain = target.domain.partition(".")[2]
    route53 = clients.get("route53", REGION)
    found = []
    for zone in _all_zones(clients):
        if _name(zone) == base_domain:
            records = pages(route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone["Id"])
            found += [_name(record) for record in records if _name(record).endswith(f".{target.domain}")]
    return found


def _all_zones(clients: Clients) -> list[Any]:
    return pages(clients.get("route53", REGION), "list_hosted_zones", "HostedZones")


def _name(item: Any) -> str:
    return str(item["Name"]).rstrip(".").replace("\\052", "*")


FINDERS = {"route53:hosted-zone": _zones, "route53:record": _records}
