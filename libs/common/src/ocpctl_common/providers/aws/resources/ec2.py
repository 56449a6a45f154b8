"""EC2: one row a type, with the call that describes it and the states in which it is dead."""

from dataclasses import dataclass
from typing import Any

from ocpctl_common.providers.aws.resources.clients import Clients, present
from ocpctl_common.providers.cloud import Thing

ARN_WORDS = {"address": "elastic-ip", "nat-gateway": "natgateway"}


@dataclass(frozen=True, slots=True)
class Row:
    """How a type is described by id. `state` is the field, or fields joined by a dot, that `dead` values stand in."""

    operation: str
    ids: str
    result: str
    state: str = "State"
    dead: frozenset[str] = frozenset()


def _row(operation: str, ids: str, result: str, *dead: str, state: str = "State") -> Row:
    return Row(operation, ids, result, state, frozenset(dead))


ROWS = {
    "ec2:instance": _row("describe_instances", "InstanceIds", "Reservations", "terminated", state="State.Name"),
    "ec2:volume": _row("describe_volumes", "VolumeIds", "Volumes"),
    "ec2:snapshot": _row("describe_snapshots", "SnapshotIds", "Snapshots"),
    "ec2:image": _row("describe_images", "ImageIds", "Images", "deregistered"),
    "ec2:launch-template": _row("describe_launch_templates", "LaunchTemplateIds", "LaunchTemplates"),
    "ec2:key-pair": _row("describe_key_pairs", "KeyPairIds", "KeyPairs"),
    "ec2:placement-group": _row("describe_placement_groups", "GroupIds", "PlacementGroups", "deleted"),
    "ec2:dedicated-host": _row(
        "describe_hosts", "HostIds", "Hosts", "released", "released-permanent-failure", state="State"
    ),
    "ec2:capacity-reservation": _row(
        "describe_capacity_reservations",
        "CapacityReservationIds",
        "CapacityReservations",
        "expired",
        "cancelled",
        "failed",
    ),
    "ec2:spot-instances-request": _row(
        "describe_spot_instance_requests",
        "SpotInstanceRequestIds",
        "SpotInstanceRequests",
        "closed",
        "cancelled",
        "failed",
    ),
    "ec2:address": _row("describe_addresses", "AllocationIds", "Addresses"),
    "ec2:nat-gateway": _row("describe_nat_gateways", "NatGatewayIds", "NatGateways", "deleted"),
    "ec2:network-interface": _row("describe_network_interfaces", "NetworkInterfaceIds", "NetworkInterfaces"),
    "ec2:security-group": _row("describe_security_groups", "GroupIds", "SecurityGroups"),
    "ec2:internet-gateway": _row("describe_internet_gateways", "InternetGatewayIds", "InternetGateways"),
    "ec2:egress-only-internet-gateway": _row(
        "describe_egress_only_internet_gateways", "EgressOnlyInternetGatewayIds", "EgressOnlyInternetGateways"
    ),
    "ec2:carrier-gateway": _row("describe_carrier_gateways", "CarrierGatewayIds", "CarrierGateways", "deleted"),
    "ec2:route-table": _row("describe_route_tables", "RouteTableIds", "RouteTables"),
    "ec2:network-acl": _row("describe_network_acls", "NetworkAclIds", "NetworkAcls"),
    "ec2:dhcp-options": _row("describe_dhcp_options", "DhcpOptionsIds", "DhcpOptions"),
    "ec2:vpc-endpoint": _row("describe_vpc_endpoints", "VpcEndpointIds", "VpcEndpoints", "deleted", "Deleted"),
    "ec2:vpc-endpoint-service": _row(
        "describe_vpc_endpoint_service_configurations",
        "ServiceIds",
        "ServiceConfigurations",
        "Deleted",
        state="ServiceState",
    ),
    "ec2:vpc-peering-connection": _row(
        "describe_vpc_peering_connections",
        "VpcPeeringConnectionIds",
        "VpcPeeringConnections",
        "deleted",
        "rejected",
        "expired",
        "failed",
        state="Status.Code",
    ),
    "ec2:transit-gateway": _row("describe_transit_gateways", "TransitGatewayIds", "TransitGateways", "deleted"),
    "ec2:transit-gateway-attachment": _row(
        "describe_transit_gateway_attachments", "TransitGatewayAttachmentIds", "TransitGatewayAttachments", "deleted"
    ),
    "ec2:subnet": _row("describe_subnets", "SubnetIds", "Subnets"),
    "ec2:vpc": _row("describe_vpcs", "VpcIds", "Vpcs"),
}


def exists(clients: Clients, thing: Thing) -> bool:
    """Whether EC2 describes it, in a state that is not dead. Raises Unavailable."""
    row = ROWS[thing.kind]
    found = present(clients.get("ec2", thing.region), row.operation, row.result, **{row.ids: [thing.id]})
    if row.result == "Reservations":
        found = [instance for reservation in found for instance in reservation["Instances"]]
    return any(_state(item, row.state) not in row.dead for item in found)


def _state(item: Any, path: str) -> Any:
    for name in path.split("."):
        item = item.get(name, "") if isinstance(item, dict) else item
    return item


def arn(clients: Clients, account: str, thing: Thing) -> str:
    """The ARN of something of EC2 that was found without one."""
    word = thing.kind.partition(":")[2]
    partition = clients.partition(thing.region)
    return f"arn:{partition}:ec2:{thing.region}:{account}:{ARN_WORDS.get(word, word)}/{thing.id}"
