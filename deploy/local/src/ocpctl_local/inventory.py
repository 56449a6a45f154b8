"""What the AWS endpoint holds of clusters: counted by asking it, not our database."""

from typing import Any

from ocpctl_local.stack import Stack

MARK = "kubernetes.io/cluster/"
EC2 = (
    ("describe_vpcs", "Vpcs", "VpcId"),
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("describe_addresses", "Addresses", "AllocationId"),
    ("describe_volumes", "Volumes", "VolumeId"),
)


def owned(stack: Stack, prefix: str = "") -> list[str]:
    """One line a resource whose infra id or name begins with `prefix`; terminated instances left out.

    A line is `<infra id> <resource id>`, a name that begins with an infra id, or a DNS name.
    """
    return sorted([*_ec2(stack, prefix), *_named(stack, prefix), *_dns(stack, prefix)])


def _client(stack: Stack, service: str) -> Any:
    return stack.session().client(service, endpoint_url=stack.urls["aws"])  # type: ignore[call-overload]


def _ec2(stack: Stack, prefix: str) -> list[str]:
    ec2 = _client(stack, "ec2")
    filters = [{"Name": "tag-key", "Values": [f"{MARK}{prefix}*"]}]
    reservations = ec2.describe_instances(Filters=filters)["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    found = [_line(item, "InstanceId") for item in instances if item["State"]["Name"] != "terminated"]
    for operation, result, key in EC2:
        found += [_line(item, key) for item in getattr(ec2, operation)(Filters=filters)[result]]
    return found


def _line(item: Any, key: str) -> str:
    tag = next(tag["Key"] for tag in item["Tags"] if tag["Key"].startswith(MARK))
    return f"{tag.removeprefix(MARK)} {item[key]}"


def _named(stack: Stack, prefix: str) -> list[str]:
    """Things whose names begin with an infra id; without a prefix, all but what the stack itself made."""
    iam, s3 = _client(stack, "iam"), _client(stack, "s3")
    names = [item["RoleName"] for page in iam.get_paginator("list_roles").paginate() for item in page["Roles"]]
    profiles = iam.get_paginator("list_instance_profiles").paginate()
    names += [item["InstanceProfileName"] for page in profiles for item in page["InstanceProfiles"]]
    balancers = _client(stack, "elbv2").get_paginator("describe_load_balancers").paginate()
    names += [item["LoadBalancerName"] for page in balancers for item in page["LoadBalancers"]]
    names += [item["Name"] for item in s3.list_buckets()["Buckets"] if not item["Name"].startswith("ocpctl-")]
    return [name for name in names if name.startswith(prefix)]


def _dns(stack: Stack, prefix: str) -> list[str]:
    route53 = _client(stack, "route53")
    found = []
    for page in route53.get_paginator("list_hosted_zones").paginate():
        for zone in page["HostedZones"]:
            if zone["Config"]["PrivateZone"] and zone["Name"].startswith(prefix):
                found.append(zone["Name"])
            for records in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone["Id"]):
                names = [item["Name"] for item in records["ResourceRecordSets"] if item["Type"] == "A"]
                found += [name for name in names if f".{prefix}" in name]
    return found
