"""Hosted zones, with proof of ownership: a tag, its maker's reference, or a VPC of the attempt.

A zone's name proves nothing.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from ocpctl_common.cloud.session import aws_errors
from ocpctl_common.errors import CloudRefused
from ocpctl_common.providers.aws.resources.clients import GLOBAL_REGION, Clients, do_if_found, is_not_found, pages
from ocpctl_common.providers.aws.resources.thing import Owner, infra_id_of, tag_map
from ocpctl_common.providers.cloud import Thing

KIND = "route53:hosted-zone"
OF_THE_ZONE = {"NS", "SOA"}
AT_ONCE = 10  # what one call tells the tags of


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether Route 53 has it. Raises Unavailable."""
    return _get(clients, thing.id) is not None


def listed(clients: Clients, wanted: Callable[[Any], bool]) -> list[Thing]:
    """Zones that are wanted, with their tags. Raises Unavailable."""
    return _tagged(clients, [zone_id(zone) for zone in everything(clients) if wanted(zone)])


def owned(clients: Clients, owner: Owner, domain: str, vpcs: Collection[str]) -> list[Thing]:
    """Private zones of the domain that are an attempt's. Raises Unavailable."""
    references = _private(clients, domain)
    return [
        one
        for one in _tagged(clients, list(references))
        if owner.marks(one.tags)
        or (not infra_id_of(one.tags) and _made_by(owner, references[one.id]))
        or (vpcs and _serves(clients, one, vpcs))
    ]


def untagged(clients: Clients, owner: Owner, domain: str) -> list[Thing]:
    """Those that an attempt made and nobody has tagged: the installer was killed in between. Raises Unavailable."""
    references = _private(clients, domain)
    made = [name for name, reference in references.items() if _made_by(owner, reference)]
    return [one for one in _tagged(clients, made) if not infra_id_of(one.tags)]


def _private(clients: Clients, domain: str) -> dict[str, str]:
    """Ids of the private zones of a domain, with the reference that their maker gave."""
    zones = [zone for zone in everything(clients) if is_private(zone) and name_of(zone) == domain]
    return {zone_id(zone): str(zone.get("CallerReference", "")) for zone in zones}


def _made_by(owner: Owner, reference: str) -> bool:
    """The installer's reference of a zone is the infra id and a few characters."""
    return reference.startswith(f"{owner.infra_id}-")


def _tagged(clients: Clients, ids: Sequence[str]) -> list[Thing]:
    client = clients.get("route53", GLOBAL_REGION)
    found = []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        with aws_errors("AWS (list_tags_for_resources)"):
            answer = client.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=some)["ResourceTagSets"]
        tags = {item["ResourceId"]: tag_map(item["Tags"]) for item in answer}
        found += [Thing(kind=KIND, id=name, region=GLOBAL_REGION, tags=tags.get(name, {})) for name in some]
    return found


def everything(clients: Clients) -> list[Any]:
    """All zones of the account. Raises Unavailable."""
    return pages(clients.get("route53", GLOBAL_REGION), "list_hosted_zones", "HostedZones")


def zone_id(zone: Any) -> str:
    """Without the path."""
    return str(zone["Id"]).rpartition("/")[2]


def is_private(zone: Any) -> bool:
    """Seen only from VPCs."""
    return bool(zone.get("Config", {}).get("PrivateZone"))


def name_of(item: Any) -> str:
    """Of a zone or a record, as people write it."""
    return str(item["Name"]).rstrip(".").replace("\\052", "*").lower()


def key_of(record: Any) -> tuple[str, str]:
    """Name and type: what there is once in a zone."""
    return name_of(record), str(record["Type"])


def records(clients: Clients, zone: str) -> list[Any]:
    """All of a zone but its own. None of one that is gone. Raises Unavailable."""
    client = clients.get("route53", GLOBAL_REGION)
    try:
        found = pages(client, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)
    except CloudRefused as error:
        if is_not_found(error):
            return []
        raise
    return [record for record in found if record["Type"] not in OF_THE_ZONE]


def _serves(clients: Clients, zone: Thing, vpcs: Collection[str]) -> bool:
    answer = _get(clients, zone.id)
    return any(vpc["VPCId"] in vpcs for vpc in (answer or {}).get("VPCs", ()))


def _get(clients: Clients, name: str) -> Any | None:
    return do_if_found(clients.get("route53", GLOBAL_REGION), "get_hosted_zone", Id=name)
