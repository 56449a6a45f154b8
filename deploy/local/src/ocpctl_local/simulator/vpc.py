"""A VPC goes with everything in it: not all of it is tagged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ocpctl_local.simulator.cloud import Cloud, pages
from ocpctl_local.simulator.log import InstallLog

GOING = ("deleted", "deleting")
CALLS = {
    "elasticloadbalancing:classic": ("elb", "delete_load_balancer", "LoadBalancerName"),
    "elasticloadbalancing:network": ("elbv2", "delete_load_balancer", "LoadBalancerArn"),
    "ec2:natgateway": ("ec2", "delete_nat_gateway", "NatGatewayId"),
    "ec2:vpc-endpoint": ("ec2", "delete_vpc_endpoints", "VpcEndpointIds"),
    "ec2:network-interface": ("ec2", "delete_network_interface", "NetworkInterfaceId"),
    "ec2:security-group": ("ec2", "delete_security_group", "GroupId"),
    "ec2:subnet": ("ec2", "delete_subnet", "SubnetId"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A thing in a VPC: its kind (deletion.py), the field of the log that names it, its id."""

    kind: str
    field: str
    id: str


def delete_vpc(cloud: Cloud, vpc: str, log: InstallLog) -> None:
    """Balancers, gateways, interfaces, groups, subnets, endpoints, tables, then the VPC. Raises ClientError."""
    for child in (*_balancers(cloud, vpc), *_gateways(cloud, vpc), *_parts(cloud, vpc)):
        if child.kind not in cloud.leave:
            _remove(cloud, child)
            log.line("Deleted", id=vpc, resourceType="vpc", **{child.field: child.id})
    for table in _in_vpc(cloud, "describe_route_tables", "RouteTables", vpc):
        delete_table(cloud, table, log)
    cloud.ec2.delete_vpc(VpcId=vpc)


def _balancers(cloud: Cloud, vpc: str) -> Iterator[Child]:
    for item in pages(cloud.elb, "describe_load_balancers", "LoadBalancerDescriptions"):
        if item.get("VPCId") == vpc:
            name = item["LoadBalancerName"]
            yield Child(kind="elasticloadbalancing:classic", field="classic load balancer", id=name)
    for item in pages(cloud.elbv2, "describe_load_balancers", "LoadBalancers"):
        if item.get("VpcId") == vpc:
            yield Child(kind="elasticloadbalancing:network", field="load balancer", id=item["LoadBalancerArn"])


def _gateways(cloud: Cloud, vpc: str) -> Iterator[Child]:
    for item in pages(cloud.ec2, "describe_nat_gateways", "NatGateways", Filter=_filters(vpc)):
        if item["State"] not in GOING:
            yield Child(kind="ec2:natgateway", field="NAT gateway", id=item["NatGatewayId"])
    for item in _in_vpc(cloud, "describe_vpc_endpoints", "VpcEndpoints", vpc):
        if item["State"].lower() not in GOING:
            yield Child(kind="ec2:vpc-endpoint", field="VPC endpoint", id=item["VpcEndpointId"])


def _parts(cloud: Cloud, vpc: str) -> Iterator[Child]:
    for item in _in_vpc(cloud, "describe_network_interfaces", "NetworkInterfaces", vpc):
        yield Child(kind="ec2:network-interface", field="network interface", id=item["NetworkInterfaceId"])
    for item in _in_vpc(cloud, "describe_security_groups", "SecurityGroups", vpc):
        if item["GroupName"] != "default":
            yield Child(kind="ec2:security-group", field="security group", id=item["GroupId"])
    for item in _in_vpc(cloud, "describe_subnets", "Subnets", vpc):
        yield Child(kind="ec2:subnet", field="subnet", id=item["SubnetId"])


def _remove(cloud: Cloud, child: Child) -> None:
    """With the one call of its kind."""
    service, operation, argument = CALLS[child.kind]
    value = [child.id] if argument.endswith("Ids") else child.id
    getattr(getattr(cloud, service), operation)(**{argument: value})


def delete_table(cloud: Cloud, table: dict[str, Any], log: InstallLog) -> None:
    """A route table with its associations; the main one goes with its VPC."""
    kept = False
    for association in table["Associations"]:
        if association.get("Main"):
            kept = True
            continue
        id_ = association["RouteTableAssociationId"]
        cloud.ec2.disassociate_route_table(AssociationId=id_)
        log.line("Disassociated", id=id_, resourceType="route-table")
    if not kept:
        cloud.ec2.delete_route_table(RouteTableId=table["RouteTableId"])
        log.line("Deleted", id=table["RouteTableId"], resourceType="route-table")


def _in_vpc(cloud: Cloud, operation: str, result: str, vpc: str) -> list[Any]:
    return pages(cloud.ec2, operation, result, Filters=_filters(vpc))


def _filters(vpc: str) -> list[dict[str, Any]]:
    return [{"Name": "vpc-id", "Values": [vpc]}]
