"""What the AWS endpoint holds of clusters: counted by asking every service of it, with no help from the product.

Whose a thing is follows from its tags, else from its name; a public record belongs to the load balancer it points to.
Type by type, not through the tagging API: that one does not know all types.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ocpctl_local.moto import federation

MARKS = ("kubernetes.io/cluster/", "sigs.k8s.io/cluster-api-provider-aws/cluster/", federation.MARK)
LEGACY_MARK = "openshiftClusterID"
OURS = "ocpctl-"  # what the stack itself has made
INFRA_ID = re.compile(
    r"(?:openshift-bootstrap-data-)?(?P<id>[a-z0-9-]{1,21}-[bcdfghjklmnpqrstvwxz2456789]{5})(?![a-z0-9])"
)
GONE = ("terminated", "deleted", "deleting")
BALANCERS_A_CALL = 20
EC2 = (
    ("vpc", "describe_vpcs", "Vpcs", "VpcId"),
    ("subnet", "describe_subnets", "Subnets", "SubnetId"),
    ("security-group", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("internet-gateway", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("nat-gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("route-table", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("vpc-endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("network-interface", "describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("volume", "describe_volumes", "Volumes", "VolumeId"),
    ("snapshot", "describe_snapshots", "Snapshots", "SnapshotId"),
)


class Account(Protocol):
    """A stack, or an endpoint by itself."""

    def client(self, service: str) -> Any:
        """A client of it. Thread-safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A resource of a cluster. `infra_id` is empty when nothing tells it: then `name` has to."""

    kind: str
    name: str
    infra_id: str = ""

    def __str__(self) -> str:
        return f"{self.infra_id or '?'} {self.kind} {self.name}"

    def is_of(self, prefix: str) -> bool:
        """Whether its infra id, its name or a label of its DNS name begins with `prefix`."""
        return self.infra_id.startswith(prefix) or self.name.startswith(prefix) or f".{prefix}" in self.name


def owned(stack: Account, prefix: str = "") -> list[str]:
    """One line a resource whose infra id or name begins with `prefix`; terminated instances left out."""
    return sorted(str(thing) for thing in things(stack) if thing.is_of(prefix))


def things(stack: Account) -> list[Thing]:
    """Everything that clusters have made and that exists."""
    ask = Ask(stack)
    balancers = _balancers(ask)
    found = [*_ec2(ask), *balancers.values(), *_target_groups(ask), *_iam(ask), *_buckets(ask)]
    found += [thing for item in federation.found(ask.client) if (thing := _labelled(*item))]
    return [*found, *_dns(ask, {host: thing.infra_id for host, thing in balancers.items()})]


class Ask:
    """The endpoint's clients, and how all pages of an answer are read."""

    def __init__(self, stack: Account) -> None:
        self.client = stack.client

    def all(self, service: str, operation: str, result: str, **words: Any) -> list[Any]:
        """The whole answer; a call without pages gives it at once."""
        client = self.client(service)
        if not client.can_paginate(operation):
            return list(getattr(client, operation)(**words)[result])
        return [item for page in client.get_paginator(operation).paginate(**words) for item in page.get(result, [])]


def _ec2(ask: Ask) -> Iterator[Thing]:
    for reservation in ask.all("ec2", "describe_instances", "Reservations"):
        for item in reservation["Instances"]:
            if item["State"]["Name"] not in GONE:
                yield from _tagged("instance", item["InstanceId"], item.get("Tags", []))
    for item in ask.all("ec2", "describe_addresses", "Addresses"):
        yield from _tagged("address", item["AllocationId"], item.get("Tags", []))
    for kind, operation, result, key in EC2:
        words = {"OwnerIds": ["self"]} if kind == "snapshot" else {}
        for item in ask.all("ec2", operation, result, **words):
            if str(item.get("State", "")).lower() not in GONE:
                yield from _tagged(kind, item[key], item.get("Tags") or item.get("TagSet") or [])


def _tagged(kind: str, name: str, tags: list[dict[str, str]]) -> Iterator[Thing]:
    """The thing if its tags say that a cluster has made it."""
    words = {tag["Key"]: tag["Value"] for tag in tags}
    for key in words:
        for mark in MARKS:
            if key.startswith(mark):
                yield Thing(kind=kind, name=name, infra_id=key.removeprefix(mark))
                return
    if LEGACY_MARK in words:
        found = INFRA_ID.match(words.get("Name", ""))
        yield Thing(kind=kind, name=name, infra_id=found["id"] if found else "")


def _labelled(kind: str, name: str, tags: list[dict[str, str]]) -> Thing | None:
    """The thing by its tags, else by its name."""
    if by_tag := next(_tagged(kind, name, tags), None):
        return by_tag
    found = INFRA_ID.match(name)
    return Thing(kind=kind, name=name, infra_id=found["id"]) if found else None


def _balancers(ask: Ask) -> Mapping[str, Thing]:
    """By host name."""
    found: dict[str, Thing] = {}
    newer = {one["LoadBalancerArn"]: one for one in ask.all("elbv2", "describe_load_balancers", "LoadBalancers")}
    for arn, tags in _balancer_tags(ask, "elbv2", "ResourceArns", "ResourceArn", list(newer)):
        if thing := _labelled("load-balancer", newer[arn]["LoadBalancerName"], tags):
            found[newer[arn]["DNSName"].lower()] = thing
    older = {
        one["LoadBalancerName"]: one for one in ask.all("elb", "describe_load_balancers", "LoadBalancerDescriptions")
    }
    for name, tags in _balancer_tags(ask, "elb", "LoadBalancerNames", "LoadBalancerName", list(older)):
        if thing := _labelled("classic-load-balancer", name, tags):
            found[older[name]["DNSName"].lower()] = thing
    return found


def _balancer_tags(ask: Ask, service: str, many: str, one: str, names: list[str]) -> Iterator[tuple[str, Any]]:
    for begin in range(0, len(names), BALANCERS_A_CALL):
        answer = ask.client(service).describe_tags(**{many: names[begin : begin + BALANCERS_A_CALL]})
        yield from ((item[one], item["Tags"]) for item in answer["TagDescriptions"])


def _target_groups(ask: Ask) -> Iterator[Thing]:
    groups = {
        one["TargetGroupArn"]: one["TargetGroupName"]
        for one in ask.all("elbv2", "describe_target_groups", "TargetGroups")
    }
    for arn, tags in _balancer_tags(ask, "elbv2", "ResourceArns", "ResourceArn", list(groups)):
        if thing := _labelled("target-group", groups[arn], tags):
            yield thing


def _iam(ask: Ask) -> Iterator[Thing]:
    kinds = (
        ("role", "list_roles", "Roles", "RoleName", "list_role_tags"),
        ("user", "list_users", "Users", "UserName", "list_user_tags"),
        ("instance-profile", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName", ""),
    )
    for kind, operation, result, key, tags in kinds:
        for item in ask.all("iam", operation, result):
            have = item.get("Tags", []) if not tags else ask.all("iam", tags, "Tags", **{key: item[key]})
            if thing := _labelled(kind, item[key], have):
                yield thing


def _buckets(ask: Ask) -> Iterator[Thing]:
    for item in ask.all("s3", "list_buckets", "Buckets"):
        if item["Name"].startswith(OURS):
            continue
        if thing := _labelled("bucket", item["Name"], _bucket_tags(ask, item["Name"])):
            yield thing


def _bucket_tags(ask: Ask, name: str) -> list[dict[str, str]]:
    try:
        return list(ask.client("s3").get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchTagSet", "NoSuchBucket"):
            raise
        return []


def _dns(ask: Ask, balancers: Mapping[str, str]) -> Iterator[Thing]:
    """Private zones, and the records of public ones: a record is the one's whose load balancer it points to."""
    for zone in ask.all("route53", "list_hosted_zones", "HostedZones"):
        name, zone_id = zone["Name"].rstrip("."), zone["Id"].rpartition("/")[2]
        if zone["Config"]["PrivateZone"]:
            tags = ask.client("route53").list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)
            yield next(_tagged("zone", name, tags["ResourceTagSet"]["Tags"]), Thing(kind="zone", name=name))
            continue
        for record in ask.all("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id):
            if record["Type"] in ("A", "AAAA", "CNAME"):
                host = record.get("AliasTarget", {}).get("DNSName", "").rstrip(".").lower()
                name = record["Name"].rstrip(".").replace("\\052", "*")
                yield Thing(kind="record", name=name, infra_id=balancers.get(host, ""))
