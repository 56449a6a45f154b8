"""Records under the cluster's name in public zones. What a record points to shows whose it is.

A name is used again, by the next attempt or by another cluster; so a record under it proves nothing by itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ocpctl_common.providers.aws.resources import balancers, zones
from ocpctl_common.providers.aws.resources.balancers import Balancer
from ocpctl_common.providers.aws.resources.clients import Clients, pages
from ocpctl_common.providers.aws.resources.thing import Owner, infra_id_of, owner_of, tag_map
from ocpctl_common.providers.cloud import Scope

BALANCER_NAME = re.compile(r"(?:dualstack\.|internal-)*(?P<name>[a-z0-9-]+)\..*elb\..*amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """What records of a region can point to: its load balancers, and addresses with the tags of their owners."""

    balancers: Sequence[Balancer]
    addresses: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecord:
    """A record under the name in a public zone, and whether it is the attempt's."""

    zone: str
    record: Any
    is_ours: bool


def owned(clients: Clients, scope: Scope) -> list[str]:
    """Names of records that are the attempt's. Raises Unavailable."""
    return [" ".join(zones.key_of(item.record)) for item in public(clients, scope) if item.is_ours]


def public(clients: Clients, scope: Scope) -> Iterator[PublicRecord]:
    """Every record under the name. Raises Unavailable."""
    under = _under(clients, scope.domain)
    if not under:
        return
    destinations = Destinations(
        balancers=balancers.listed(clients, scope.region), addresses=_addresses(clients, scope.region)
    )
    for zone, record in under:
        yield PublicRecord(zone=zone, record=record, is_ours=belongs(record, scope, destinations))


def belongs(record: Any, scope: Scope, destinations: Destinations) -> bool:
    """Whether a record is the attempt's: by what it points to. Where that tells nothing, those are that a cluster has
    under these names, if nobody came after it; any other name may be somebody else's.
    """
    answers = [
        answer for name in _destinations(record) if (answer := _owns(name, owner_of(scope), destinations)) is not None
    ]
    if answers:
        return any(answers)
    return zones.name_of(record) in _names(scope.domain) and not scope.name_used_since


def _names(domain: str) -> set[str]:
    """What installer and ingress make under the cluster's domain."""
    return {f"{first}.{domain}" for first in ("api", "api-int", "*.apps")}


def _under(clients: Clients, domain: str) -> list[tuple[str, Any]]:
    """Records of the domain and below it, each with its zone, in every public zone that can hold them.

    Those of a private zone live and die with the zone, whose owner is known.
    """
    return [
        (zones.zone_id(zone), record)
        for zone in zones.everything(clients)
        if not zones.is_private(zone) and _within(domain, zones.name_of(zone))
        for record in zones.records(clients, zones.zone_id(zone))
        if _within(zones.name_of(record), domain)
    ]


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _destinations(record: Any) -> Iterable[str]:
    """Host names and addresses that it points to; a TXT record has none."""
    if alias := record.get("AliasTarget"):
        return [str(alias["DNSName"]).rstrip(".").lower()]
    if record["Type"] not in ("A", "AAAA", "CNAME"):
        return []
    return [str(item["Value"]).rstrip(".").lower() for item in record.get("ResourceRecords", ())]


def _owns(destination: str, owner: Owner, destinations: Destinations) -> bool | None:
    """Whether what a record points to is the attempt's; None: that cannot be known any more."""
    host = destination.removeprefix("dualstack.")
    if living := next((one for one in destinations.balancers if one.dns and one.dns == host), None):
        return owner.owns(living.thing.tags, living.name) or (False if infra_id_of(living.thing.tags) else None)
    if (tags := destinations.addresses.get(destination)) is not None:
        return owner.marks(tags) or (False if infra_id_of(tags) else None)
    dead = BALANCER_NAME.fullmatch(destination)
    return True if dead and dead["name"].startswith(f"{owner.infra_id}-".lower()) else None


def _addresses(clients: Clients, region: str) -> dict[str, dict[str, str]]:
    found = pages(clients.get("ec2", region), "describe_addresses", "Addresses")
    return {item["PublicIp"]: tag_map(item.get("Tags")) for item in found if "PublicIp" in item}
