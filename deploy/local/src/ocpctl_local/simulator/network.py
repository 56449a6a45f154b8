"""What the Cluster API provider makes first: the VPC and everything in it, and the load balancers of the API."""

import time
from contextlib import suppress

from ocpctl_local.simulator.site import Balancer, Site, spec

GROUPS = ("node", "controlplane", "apiserver-lb")


def network(site: Site) -> None:
    """VPC, subnets, ways in and out, security groups."""
    ec2, region = site.cloud.ec2, site.cloud.region
    made = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc", site.installer_tags("vpc")))
    site.vpc = made["Vpc"]["VpcId"]
    for index in range(2):
        zone = f"{region}{'ab'[index]}"
        answer = ec2.create_subnet(
            VpcId=site.vpc,
            CidrBlock=f"10.0.{index * 16}.0/20",
            AvailabilityZone=zone,
            TagSpecifications=spec("subnet", site.installer_tags(f"subnet-{zone}")),
        )
        site.subnets.append(answer["Subnet"]["SubnetId"])
    _ways(site)
    for name in GROUPS:
        ec2.create_security_group(
            GroupName=f"{site.cloud.infra_id}-{name}",
            Description=f"Kubernetes cluster {site.cloud.infra_id}: {name}",
            VpcId=site.vpc,
            TagSpecifications=spec("security-group", site.installer_tags(name)),
        )


def _ways(site: Site) -> None:
    """Gateways, a route table, an endpoint. The address, the table and the endpoint carry the provider's mark only."""
    ec2 = site.cloud.ec2
    gateway = ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", site.installer_tags("igw")))
    ec2.attach_internet_gateway(InternetGatewayId=gateway["InternetGateway"]["InternetGatewayId"], VpcId=site.vpc)
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", site.provider_tags("eip-common")))
    ec2.create_nat_gateway(
        SubnetId=site.subnets[0],
        AllocationId=address["AllocationId"],
        TagSpecifications=spec("natgateway", site.installer_tags("nat")),
    )
    table = ec2.create_route_table(
        VpcId=site.vpc, TagSpecifications=spec("route-table", site.provider_tags("rt-private"))
    )
    ec2.associate_route_table(RouteTableId=table["RouteTable"]["RouteTableId"], SubnetId=site.subnets[0])
    ec2.create_vpc_endpoint(
        VpcId=site.vpc,
        VpcEndpointType="Gateway",
        ServiceName=f"com.amazonaws.{site.cloud.region}.s3",
        TagSpecifications=spec("vpc-endpoint", site.provider_tags("vpce-s3")),
    )


def load_balancers(site: Site) -> None:
    """The internal and the external load balancer of the API, each with its target groups."""
    for suffix, scheme in (("int", "internal"), ("ext", "internet-facing")):
        answer = site.cloud.elbv2.create_load_balancer(
            Name=f"{site.cloud.infra_id}-{suffix}",
            Subnets=site.subnets,
            Scheme=scheme,
            Type="network",
            Tags=site.installer_tags(suffix),
        )
        made = answer["LoadBalancers"][0]
        site.balancers[suffix] = Balancer(host=made["DNSName"], zone=made["CanonicalHostedZoneId"])
        _target_group(site, "apiserver-target", 6443)
    _target_group(site, "additional-listener", 22623)


def _target_group(site: Site, prefix: str, port: int) -> None:
    """The provider names them by the second, here by the hundredth; when another cluster has the name, it tries again.

    A name may have 32 characters, so there is no room for the infra id beside the time.
    """
    taken = site.cloud.elbv2.exceptions.DuplicateTargetGroupNameException
    while True:
        with suppress(taken):
            name = f"{prefix}-{int(time.time() * 100)}"
            tags = site.installer_tags(prefix)
            site.cloud.elbv2.create_target_group(Name=name, Protocol="TCP", Port=port, VpcId=site.vpc, Tags=tags)
            return
        time.sleep(0.01)
