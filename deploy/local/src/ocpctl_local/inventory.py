"""What the AWS endpoint holds of clusters: counted by asking it, not our database."""

from typing import Any

from ocpctl_local.stack import Stack

MARK = "kubernetes.io/cluster/"


def owned(stack: Stack, infra_prefix: str = "") -> list[str]:
    """Names of all resources that belong to infra ids beginning with `infra_prefix`; terminated instances left out."""
    found = [*_ec2(stack, infra_prefix), *_named(stack, infra_prefix), *_dns(stack, infra_prefix)]
    return sorted(found)


def _client(stack: Stack, service: str) -> Any:
    return stack.session().client(service, endpoint_url=stack.urls["aws"])  # type: ignore[call-overload]


def _ec2(stack: Stack, prefix: str) -> list[str]:
    ec2 = _client(stack, "ec2")
    filters = [{"Name": "tag-key", "Values": [f"{MARK}{prefix}*"]}]
    instances = ec2.describe_instances(Filters=filters)["Reservations"]
    found = [
        item["InstanceId"]
        for reservation in instances
        for item in reservation["Instances"]
        if item["State"]["Name"] != "terminated"
    ]
    for operation, result, key in (
        ("describe_vpcs", "Vpcs", "VpcId"),
        ("describe_subnets", "Subnets", "SubnetId"),
        ("describe_security_groups", "SecurityGroups", "GroupId"),
        ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        ("describe_addresses", "Addresses", "AllocationId"),
        ("describe_volumes", "Volumes", "VolumeId"),
    ):
        found += [item[key] for item in getattr(ec2, operation)(Filters=filters)[result]]
    return found


def _named(stack: Stack, prefix: str) -> list[str]:
    """Things whose names begin with an infra id; without a prefix, all but what the stack itself made."""
    iam, s3 = _client(stack, "iam"), _client(stack, "s3")
    names = [item["RoleName"] for item in iam.list_roles()["Roles"]]
    names += [item["InstanceProfileName"] for item in iam.list_instance_profiles()["InstanceProfiles"]]
    balancers = _client(stack, "elbv2").describe_load_balancers()["LoadBalancers"]
    names += [item["LoadBalancerName"] for item in balancers]
    names += [item["Name"] for item in s3.list_buckets()["Buckets"] if not item["Name"].startswith("ocpctl-")]
    return [name for name in names if name.startswith(prefix)]


def _dns(stack: Stack, prefix: str) -> list[str]:
    route53 = _client(stack, "route53")
    found = []
    for zone in route53.list_hosted_zones()["HostedZones"]:
        if zone["Config"]["PrivateZone"] and zone["Name"].startswith(prefix):
            found.append(zone["Name"])
        records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        found += [item["Name"] for item in records if item["Type"] == "A" and f".{prefix}" in item["Name"]]
    return found
