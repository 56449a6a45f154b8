"""How destroy searches: as the real one, by each identifier of metadata.json, in every API that shows tags."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from ocpctl_local.simulator.cloud import GLOBAL_REGION, Cloud, code_of, pages

ZONES_A_CALL = 10  # of ListTagsForResources
KNOWN_PREFIX = 20  # characters of an infra id that every IAM name keeps
# What the real tagging API lists and the local endpoint's does not.
EC2_UNLISTED = (
    ("elastic-ip", "describe_addresses", "Addresses", "AllocationId"),
    ("vpc-endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
)

Identifiers = Sequence[Mapping[str, str]]


def instances(cloud: Cloud, identifiers: Identifiers) -> dict[str, str]:
    """State by id of every instance that is listed, also of those that are terminated."""
    found: dict[str, str] = {}
    for filters in _filters(identifiers):
        for reservation in pages(cloud.ec2, "describe_instances", "Reservations", Filters=filters):
            found |= {item["InstanceId"]: str(item["State"]["Name"]) for item in reservation["Instances"]}
    return found


class Search:
    """Everything else, as ARNs. Remembers the roles and users that are of another cluster: asking costs a call each."""

    def __init__(self, cloud: Cloud, identifiers: Identifiers) -> None:
        self._cloud = cloud
        self._identifiers = identifiers
        self._others: set[str] = set()

    def arns(self) -> set[str]:
        """What carries an identifier, and the instance profiles, which are known by name."""
        found = {arn for region in {self._cloud.region, GLOBAL_REGION} for arn in self._listed(region)}
        return found.union(self._unlisted(), self._zones(), self._iam(), self._profiles())

    def _listed(self, region: str) -> Iterator[str]:
        client = self._cloud.tagging(region)
        for identifier in self._identifiers:
            wanted = [{"Key": key, "Values": [value]} for key, value in identifier.items()]
            for item in pages(client, "get_resources", "ResourceTagMappingList", TagFilters=wanted):
                yield item["ResourceARN"]

    def _unlisted(self) -> Iterator[str]:
        for filters in _filters(self._identifiers):
            for kind, operation, result, key in EC2_UNLISTED:
                ec2 = self._cloud.ec2
                if ec2.can_paginate(operation):
                    items = pages(ec2, operation, result, Filters=filters)
                else:
                    items = getattr(ec2, operation)(Filters=filters)[result]
                yield from (f"arn:aws:ec2:{self._cloud.region}::{kind}/{item[key]}" for item in items)

    def _zones(self) -> Iterator[str]:
        route53 = self._cloud.route53
        ids = [zone["Id"].rpartition("/")[2] for zone in pages(route53, "list_hosted_zones", "HostedZones")]
        for begin in range(0, len(ids), ZONES_A_CALL):
            for tagged in _zone_tags(self._cloud, ids[begin : begin + ZONES_A_CALL]):
                if self._matches(tagged["Tags"]):
                    yield f"arn:aws:route53:::hostedzone/{tagged['ResourceId']}"

    def _iam(self) -> Iterator[str]:
        iam = self._cloud.iam
        for item in pages(iam, "list_roles", "Roles"):
            if self._is_ours(item["Arn"], item["RoleName"], "list_role_tags", RoleName=item["RoleName"]):
                yield item["Arn"]
        for item in pages(iam, "list_users", "Users"):
            if self._is_ours(item["Arn"], item["UserName"], "list_user_tags", UserName=item["UserName"]):
                yield item["Arn"]

    def _is_ours(self, arn: str, name: str, operation: str, **words: str) -> bool:
        """The real one asks for the tags of every role and user; ours leaves out what cannot be of this cluster."""
        if arn in self._others or not name.startswith(self._cloud.infra_id[:KNOWN_PREFIX]):
            return False
        try:
            ours = self._matches(pages(self._cloud.iam, operation, "Tags", **words))
        except ClientError as error:
            if code_of(error) != "NoSuchEntity":
                raise
            ours = False  # another cluster's destroy was faster
        if not ours:
            self._others.add(arn)
        return ours

    def _profiles(self) -> Iterator[str]:
        for kind in ("master", "worker", "bootstrap"):
            name = f"{self._cloud.infra_id}-{kind}-profile"
            try:
                yield self._cloud.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Arn"]
            except ClientError as error:
                if code_of(error) != "NoSuchEntity":
                    raise

    def _matches(self, tags: list[dict[str, str]]) -> bool:
        have = {(tag["Key"], tag["Value"]) for tag in tags}
        return any(identifier.items() <= have for identifier in self._identifiers)


def _zone_tags(cloud: Cloud, ids: list[str]) -> list[dict[str, Any]]:
    """One by one when a zone of the ten was deleted meanwhile."""
    try:
        answer = cloud.route53.list_tags_for_resources(ResourceType="hostedzone", ResourceIds=ids)
    except ClientError as error:
        if code_of(error) != "NoSuchHostedZone":
            raise
        return [one for each in ids for one in _zone_tags(cloud, [each])] if len(ids) > 1 else []
    return list(answer["ResourceTagSets"])


def _filters(identifiers: Identifiers) -> Iterator[list[dict[str, Any]]]:
    for identifier in identifiers:
        yield [{"Name": f"tag:{key}", "Values": [value]} for key, value in identifier.items()]
