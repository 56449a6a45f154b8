"""What the cluster makes itself as soon as it runs. The installer's own code never sees these; destroy must."""

import secrets
import uuid

from ocpctl_local.simulator import access
from ocpctl_local.simulator.cloud import public_zone
from ocpctl_local.simulator.site import Balancer, Site, spec

USER_PREFIX = 20  # characters of the infra id that the credential operator keeps in a user's name
BUCKET_LIMIT = 62
FOREIGN_INTERFACE = "AWS Lambda VPC ENI-inspector"  # the local endpoint refuses to delete it: dependencies.py


def operators(site: Site, *, mint: bool, legacy: bool, block_vpc: bool) -> None:
    """Ingress, registry, credentials where the cluster makes them, and what users of the cluster have asked for."""
    router(site)
    registry(site)
    if mint:
        credentials(site)
    service(site)
    claim(site)
    if legacy:
        site.cloud.ec2.create_volume(
            Size=1,
            AvailabilityZone=f"{site.cloud.region}a",
            TagSpecifications=spec("volume", site.legacy_tags("legacy")),
        )
    if block_vpc:
        foreign(site)


def router(site: Site) -> None:
    """The router's classic load balancer with its security group, and the wildcard records that point to it."""
    name = balancer_name()
    ec2, tags = site.cloud.ec2, site.service_tags("openshift-ingress/router-default")
    group = ec2.create_security_group(
        GroupName=f"k8s-elb-{name}",
        Description="Security group for Kubernetes ELB",
        VpcId=site.vpc,
        TagSpecifications=spec("security-group", tags),
    )
    answer = site.cloud.elb.create_load_balancer(
        LoadBalancerName=name,
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 443, "InstancePort": 30443}],
        Subnets=site.subnets,
        SecurityGroups=[group["GroupId"]],
        Tags=tags,
    )
    target = Balancer(host=answer["DNSName"], zone="Z35SXDOTRQ7X7K")  # classic load balancers of us-east-1
    access.point(site, ("*.apps",), target, site.zone)
    if public := public_zone(site.cloud, site.domain):
        access.point(site, ("*.apps",), target, public)


def balancer_name() -> str:
    """As Kubernetes names a Service's load balancer: `a` and its UID, cut at 32 characters."""
    return f"a{uuid.uuid4().hex}"[:32]


def registry(site: Site) -> None:
    """The image registry's bucket."""
    name = f"{site.cloud.infra_id}-image-registry-{site.cloud.region}-{secrets.token_hex(20)}"[:BUCKET_LIMIT]
    access.bucket(site, name, "image-registry")


def credentials(site: Site) -> None:
    """A user with a policy and a live key, as the credential operator makes one for every operator."""
    name = f"{site.cloud.infra_id[:USER_PREFIX]}-openshift-image-registry-{secrets.token_hex(3)[:5]}"
    site.cloud.iam.create_user(UserName=name, Tags=site.operator_tags("openshift-image-registry"))
    site.cloud.iam.put_user_policy(UserName=name, PolicyName=f"{name}-policy", PolicyDocument=access.POLICY)
    site.cloud.iam.create_access_key(UserName=name)


def service(site: Site) -> None:
    """The network load balancer of a user's Service, with its target group."""
    tags = site.service_tags("shop/web")
    site.cloud.elbv2.create_load_balancer(Name=balancer_name(), Subnets=site.subnets, Type="network", Tags=tags)
    site.cloud.elbv2.create_target_group(
        Name=f"k8s-shop-web-{secrets.token_hex(5)}", Protocol="TCP", Port=30080, VpcId=site.vpc, Tags=tags
    )


def claim(site: Site) -> None:
    """The volume of a user's claim, and a snapshot of it."""
    name = f"dynamic-pvc-{uuid.uuid4()}"
    made = site.cloud.ec2.create_volume(
        Size=1,
        AvailabilityZone=f"{site.cloud.region}a",
        TagSpecifications=spec("volume", site.operator_tags(name, **{"ebs.csi.aws.com/cluster": "true"})),
    )
    site.cloud.ec2.create_snapshot(
        VolumeId=made["VolumeId"],
        TagSpecifications=spec("snapshot", site.operator_tags(f"dynamic-snapshot-{uuid.uuid4()}")),
    )


def foreign(site: Site) -> None:
    """Somebody else's interface and group in the cluster's VPC, without a tag: the VPC cannot go before them."""
    group = site.cloud.ec2.create_security_group(
        GroupName="inspector", Description="not of the cluster", VpcId=site.vpc
    )
    site.cloud.ec2.create_network_interface(
        SubnetId=site.subnets[0], Groups=[group["GroupId"]], Description=FOREIGN_INTERFACE
    )
