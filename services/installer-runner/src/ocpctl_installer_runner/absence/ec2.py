"""EC2: everything that carries the ownership tag and still exists."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ocpctl_common.cloud.session import aws_errors

from ocpctl_installer_runner.absence.target import Clients, Target, pages

GONE_INSTANCE_STATES = {"terminated"}
GONE_NAT_STATES = {"deleted"}


def _filters(target: Target) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{target.tag}", "Values": ["owned"]}]


def _instances(clients: Clients, target: Target) -> list[str]:
    client = clients.get("ec2", target.region)
    reservations = pages(client, "describe_instances", "Reservations", Filters=_filters(target))
    found = [instance for reservation in reservations for instance in reservation["Instances"]]
    return [item["InstanceId"] for item in found if item["State"]["Name"] not in GONE_INSTANCE_STATES]


def _nat_gateways(clients: Clients, target: Target) -> list[str]:
    client = clients.get("ec2", target.region)
    found = pages(client, "describe_nat_gateways", "NatGateways", Filter=_filters(target))
    return [item["NatGatewayId"] for item in found if item["State"] not in GONE_NAT_STATES]


def _addresses(clients: Clients, target: Target) -> list[str]:
    with aws_errors("AWS (describe_addresses)"):
        found = clients.get("ec2", target.region).describe_addresses(Filters=_filters(target))["Addresses"]
    return [item["AllocationId"] for item in found]


def _tagged(operation: str, result: str, key: str, clients: Clients, target: Target) -> list[str]:
    """A type whose Describe call pages and filters by tag."""
    client = clients.get("ec2", target.region)
    return [item[key] for item in pages(client, operation, result, Filters=_filters(target))]


FINDERS: dict[str, Callable[[Clients, Target], list[str]]] = {
    "ec2:instance": _instances,
    "ec2:volume": partial(_tagged, "describe_volumes", "Volumes", "VolumeId"),
    "ec2:address": _addresses,
    "ec2:nat-gateway": _nat_gateways,
    "ec2:network-interface": partial(_tagged, "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    "ec2:security-group": partial(_tagged, "describe_security_groups", "SecurityGroups", "GroupId"),
    "ec2:internet-gateway": partial(_tagged, "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "ec2:subnet": partial(_tagged, "describe_subnets", "Subnets", "SubnetId"),
    "ec2:vpc": partial(_tagged, "describe_vpcs", "Vpcs", "VpcId"),
}
