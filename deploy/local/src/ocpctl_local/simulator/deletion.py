"""Deletes a resource of each type by its ARN. A resource that does not exist any more is no error."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from ocpctl_local.simulator import vpc, zones
from ocpctl_local.simulator.cloud import Cloud, code_of, pages
from ocpctl_local.simulator.log import InstallLog

Delete = Callable[[Cloud, str, InstallLog], None]
GONE = ("NotFound", "NoSuch", "InvalidInternetGatewayID", "InvalidVpcEndpointId")


def kind_of(arn: str) -> str:
    """`service:type` as it stands in the ARN; classic and network load balancers are told apart."""
    _, _, service, _, _, resource = arn.split(":", 5)
    if service == "s3":
        return "s3:bucket"
    kind = resource.partition("/")[0]
    if kind == "loadbalancer":
        return f"{service}:{'classic' if resource.count('/') == 1 else 'network'}"
    return f"{service}:{kind}"


def delete(cloud: Cloud, arn: str, log: InstallLog) -> None:
    """Deletes one. Raises ClientError when the cloud refuses."""
    try:
        DELETES[kind_of(arn)](cloud, arn, log)
    except ClientError as error:
        if not any(word in code_of(error) for word in GONE):
            raise


def _id(arn: str) -> str:
    return arn.split(":", 5)[5].partition("/")[2]


def _say(log: InstallLog, arn: str, what: str = "Deleted", /, **more: str) -> None:
    """EC2 and load balancers are logged with id and type, all others with the id."""
    _, _, service, _, _, resource = arn.split(":", 5)
    kind = resource.partition("/")[0]
    typed = {"resourceType": kind} if service in ("ec2", "elasticloadbalancing") else {}
    log.line(what, id=_id(arn), **typed, **more)


def _ec2(operation: str, argument: str, what: str = "Deleted") -> Delete:
    """A type that goes with one call."""

    def one(cloud: Cloud, arn: str, log: InstallLog) -> None:
        getattr(cloud.ec2, operation)(**{argument: _id(arn)})
        _say(log, arn, what)

    return one


def _endpoint(cloud: Cloud, arn: str, log: InstallLog) -> None:
    cloud.ec2.delete_vpc_endpoints(VpcEndpointIds=[_id(arn)])
    _say(log, arn)


def _gateway(cloud: Cloud, arn: str, log: InstallLog) -> None:
    for gateway in pages(cloud.ec2, "describe_internet_gateways", "InternetGateways", InternetGatewayIds=[_id(arn)]):
        for attached in gateway["Attachments"]:
            cloud.ec2.detach_internet_gateway(InternetGatewayId=_id(arn), VpcId=attached["VpcId"])
            log.line("Detached", "debug", id=_id(arn), resourceType="internet-gateway", vpc=attached["VpcId"])
    cloud.ec2.delete_internet_gateway(InternetGatewayId=_id(arn))
    _say(log, arn)


def _table(cloud: Cloud, arn: str, log: InstallLog) -> None:
    for table in pages(cloud.ec2, "describe_route_tables", "RouteTables", RouteTableIds=[_id(arn)]):
        vpc.delete_table(cloud, table, log)


def _vpc(cloud: Cloud, arn: str, log: InstallLog) -> None:
    vpc.delete_vpc(cloud, _id(arn), log)
    _say(log, arn)


def _classic(cloud: Cloud, arn: str, log: InstallLog) -> None:
    cloud.elb.delete_load_balancer(LoadBalancerName=_id(arn))
    _say(log, arn)


def _network(cloud: Cloud, arn: str, log: InstallLog) -> None:
    cloud.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    _say(log, arn)


def _target_group(cloud: Cloud, arn: str, log: InstallLog) -> None:
    cloud.elbv2.delete_target_group(TargetGroupArn=arn)
    _say(log, arn)


def _bucket(cloud: Cloud, arn: str, log: InstallLog) -> None:
    name = arn.split(":", 5)[5]
    keys = [{"Key": item["Key"]} for item in pages(cloud.s3, "list_objects_v2", "Contents", Bucket=name)]
    if keys:
        cloud.s3.delete_objects(Bucket=name, Delete={"Objects": keys})
    cloud.s3.delete_bucket(Bucket=name)
    log.line("Deleted")  # the real one names no bucket here


def _profile(cloud: Cloud, arn: str, log: InstallLog) -> None:
    name = _id(arn)
    profile: Any = cloud.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    for role in profile["Roles"]:
        cloud.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
        _say(log, arn, "Disassociated", name=name, role=role["RoleName"])
    cloud.iam.delete_instance_profile(InstanceProfileName=name)
    _say(log, arn, InstanceProfileName=name, arn=arn)


def _role(cloud: Cloud, arn: str, log: InstallLog) -> None:
    name = _id(arn)
    for policy in pages(cloud.iam, "list_role_policies", "PolicyNames", RoleName=name):
        cloud.iam.delete_role_policy(RoleName=name, PolicyName=policy)
        _say(log, arn, name=name, policy=policy)
    for policy in pages(cloud.iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        cloud.iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        _say(log, arn, "Detached", name=name, policy=policy["PolicyName"])
    for profile in pages(cloud.iam, "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name):
        _profile(cloud, profile["Arn"], log)
    cloud.iam.delete_role(RoleName=name)
    _say(log, arn, name=name)


def _user(cloud: Cloud, arn: str, log: InstallLog) -> None:
    name = _id(arn)
    for policy in pages(cloud.iam, "list_user_policies", "PolicyNames", UserName=name):
        cloud.iam.delete_user_policy(UserName=name, PolicyName=policy)
        _say(log, arn, policy=policy)
    for key in pages(cloud.iam, "list_access_keys", "AccessKeyMetadata", UserName=name):
        cloud.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    cloud.iam.delete_user(UserName=name)
    _say(log, arn)


# In the order in which they can go: the real one takes them as they come and tries again every ten seconds.
DELETES: dict[str, Delete] = {
    "elasticloadbalancing:classic": _classic,
    "elasticloadbalancing:network": _network,
    "elasticloadbalancing:targetgroup": _target_group,
    "route53:hostedzone": zones.delete_zone,
    "iam:instance-profile": _profile,
    "iam:role": _role,
    "iam:user": _user,
    "s3:bucket": _bucket,
    "ec2:snapshot": _ec2("delete_snapshot", "SnapshotId"),
    "ec2:volume": _ec2("delete_volume", "VolumeId"),
    "ec2:natgateway": _ec2("delete_nat_gateway", "NatGatewayId"),
    "ec2:elastic-ip": _ec2("release_address", "AllocationId", "Released"),
    "ec2:vpc-endpoint": _endpoint,
    "ec2:network-interface": _ec2("delete_network_interface", "NetworkInterfaceId"),
    "ec2:internet-gateway": _gateway,
    "ec2:security-group": _ec2("delete_security_group", "GroupId"),
    "ec2:route-table": _table,
    "ec2:subnet": _ec2("delete_subnet", "SubnetId"),
    "ec2:vpc": _vpc,
}
ORDER = tuple(DELETES)
