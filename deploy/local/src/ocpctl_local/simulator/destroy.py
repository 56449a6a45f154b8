"""Deletes everything that carries an infra id, in the order of dependencies. Finds nothing: done just the same."""

import os
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ocpctl_local.simulator.cloud import Cloud, Creator, delete_bucket, public_zone, terminate
from ocpctl_local.simulator.journal import Journal
from ocpctl_local.simulator.knobs import Knobs
from ocpctl_local.simulator.log import InstallLog

BLOCKED = "error deleting VPC: DependencyViolation: The vpc has dependencies and cannot be deleted"


def delete_all(aws: Mapping[str, Any], knobs: Knobs, journal: Journal, log: InstallLog, *, once: Path) -> None:
    """All steps; `once` is a file that remembers that the late volume of this infra id was made."""
    cloud = Cloud(aws["region"], journal.infra_id)
    for name, step in steps(cloud, aws["clusterDomain"]):
        while knobs.destroy_blocked and name == "network":
            log.line(BLOCKED, "debug")
            journal.sleep(1, "destroy")
        step()
        log.line(f"Deleted {name}", "debug")
        journal.sleep(0.5 * knobs.time_scale, "destroy")
    if knobs.late_tags and not once.exists():
        once.touch()
        _late_volume(cloud, knobs.late_tags)


def _late_volume(cloud: Cloud, seconds: float) -> None:
    """Something that no tag search shows yet: its tag is set by the endpoint later."""
    volume = Creator(cloud, {}).untagged_volume()
    key, value = cloud.owned
    query = urllib.parse.urlencode({"resource": volume, "key": key, "value": value, "seconds": seconds})
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    urllib.request.urlopen(f"{endpoint}/ocpctl/late-tag?{query}", data=b"", timeout=10).close()  # noqa: S310


def steps(cloud: Cloud, domain: str) -> list[tuple[str, Callable[[], None]]]:
    """What to do, with a name for the log."""
    return [
        ("instances", lambda: terminate(cloud)),
        ("load balancers", lambda: _load_balancers(cloud)),
        ("DNS records and zone", lambda: _dns(cloud, domain)),
        ("IAM roles and profiles", lambda: _iam(cloud)),
        ("bootstrap bucket", lambda: delete_bucket(cloud)),
        ("network", lambda: _network(cloud)),
    ]


def _owned(cloud: Cloud) -> list[dict[str, Any]]:
    return [{"Name": f"tag:{cloud.owned[0]}", "Values": ["owned"]}]


def _load_balancers(cloud: Cloud) -> None:
    for balancer in cloud.elbv2.describe_load_balancers()["LoadBalancers"]:
        if balancer["LoadBalancerName"].startswith(f"{cloud.infra_id}-"):
            cloud.elbv2.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])


def _dns(cloud: Cloud, domain: str) -> None:
    base_domain = domain.partition(".")[2]
    if public := public_zone(cloud, base_domain):
        _records(cloud, public, domain)
    for zone in cloud.route53.list_hosted_zones()["HostedZones"]:
        # The caller reference is the infra id: another attempt's zone of the same name is left alone.
        if zone["CallerReference"] == cloud.infra_id:
            zone_id = zone["Id"].rpartition("/")[2]
            _records(cloud, zone_id, domain)
            cloud.route53.delete_hosted_zone(Id=zone_id)


def _records(cloud: Cloud, zone: str, domain: str) -> None:
    changes = []
    for record in cloud.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
        name = record["Name"].rstrip(".").replace("\\052", "*")
        if record["Type"] == "A" and name in (f"api.{domain}", f"*.apps.{domain}"):
            changes.append({"Action": "DELETE", "ResourceRecordSet": record})
    if changes:
        cloud.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _iam(cloud: Cloud) -> None:
    prefix = f"{cloud.infra_id}-"
    for page in cloud.iam.get_paginator("list_instance_profiles").paginate():
        for profile in page["InstanceProfiles"]:
            if profile["InstanceProfileName"].startswith(prefix):
                for role in profile["Roles"]:
                    cloud.iam.remove_role_from_instance_profile(
                        InstanceProfileName=profile["InstanceProfileName"], RoleName=role["RoleName"]
                    )
                cloud.iam.delete_instance_profile(InstanceProfileName=profile["InstanceProfileName"])
    for page in cloud.iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if role["RoleName"].startswith(prefix):
                cloud.iam.delete_role(RoleName=role["RoleName"])


def _network(cloud: Cloud) -> None:
    ec2, owned = cloud.ec2, _owned(cloud)
    for volume in ec2.describe_volumes(Filters=owned)["Volumes"]:
        ec2.delete_volume(VolumeId=volume["VolumeId"])
    for address in ec2.describe_addresses(Filters=owned)["Addresses"]:
        ec2.release_address(AllocationId=address["AllocationId"])
    for gateway in ec2.describe_internet_gateways(Filters=owned)["InternetGateways"]:
        for attachment in gateway["Attachments"]:
            ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=attachment["VpcId"])
        ec2.delete_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"])
    for group in ec2.describe_security_groups(Filters=owned)["SecurityGroups"]:
        ec2.delete_security_group(GroupId=group["GroupId"])
    for subnet in ec2.describe_subnets(Filters=owned)["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for vpc in ec2.describe_vpcs(Filters=owned)["Vpcs"]:
        ec2.delete_vpc(VpcId=vpc["VpcId"])
