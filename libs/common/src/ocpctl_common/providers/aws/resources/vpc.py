"""What lies in a VPC, tagged or not: each of these keeps the VPC from being deleted."""

from collections.abc import Callable
from typing import Any

from ocpctl_common.providers.aws.resources.clients import Clients, pages
from ocpctl_common.providers.aws.resources.thing import tag_map
from ocpctl_common.providers.cloud import Thing


def _any(_: Any) -> bool:
    return True


def _no_default(group: Any) -> bool:
    return bool(group["GroupName"] != "default")


def _not_main(table: Any) -> bool:
    return not any(link.get("Main") for link in table.get("Associations", ()))


def _not_gone(item: Any) -> bool:
    return str(item["State"]).lower() != "deleted"


# The default security group and the main route table die with the VPC.
CONTENTS: tuple[tuple[str, str, str, str, str, Callable[[Any], bool]], ...] = (
    (
        "ec2:network-interface",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "NetworkInterfaceId",
        "Filters",
        _any,
    ),
    ("ec2:security-group", "describe_security_groups", "SecurityGroups", "GroupId", "Filters", _no_default),
    ("ec2:subnet", "describe_subnets", "Subnets", "SubnetId", "Filters", _any),
    ("ec2:route-table", "describe_route_tables", "RouteTables", "RouteTableId", "Filters", _not_main),
    ("ec2:vpc-endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "Filters", _not_gone),
    ("ec2:nat-gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId", "Filter", _not_gone),
)


def contents(clients: Clients, vpc: Thing) -> list[Thing]:
    """Raises Unavailable."""
    client = clients.get("ec2", vpc.region)
    lies_in = [{"Name": "vpc-id", "Values": [vpc.id]}]
    return [
        Thing(kind=kind, id=item[key], region=vpc.region, tags=tag_map(item.get("Tags", item.get("TagSet"))))
        for kind, operation, result, key, filters, counts in CONTENTS
        for item in pages(client, operation, result, **{filters: lies_in})
        if counts(item)
    ]
