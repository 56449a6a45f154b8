"""A name is used again. What a clean-up of its older user deletes, the one that lives never misses.

`destroy cluster` deletes public records by the names and types of the records in its zone, whose ever they are.
"""

from typing import Any

import pytest
from ocpctl_local.moto import aws, inventory

from tests.faults.driver import Driver
from tests.waiting import wait_for

PARTS = ("api", "api-int", "*.apps")
FAILS_ONCE = {"fail_stage": "bootstrap", "fail_class": "BOOTSTRAP", "fail_times": 1}


def infra_ids(driver: Driver, cluster_id: str) -> list[str]:
    """Of all attempts, the oldest first."""
    statement = "SELECT infra_id FROM attempts WHERE cluster_id = %s AND infra_id <> '' ORDER BY fence"
    return [str(row[0]) for row in driver.sql(statement, cluster_id)]


def late_zone(driver: Driver, infra_id: str, name: str, *, tagged: bool) -> str:
    """A private zone of a cluster that appears after its proof, with the records that a cluster has there."""
    route53, ec2 = driver.stack.client("route53"), driver.stack.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    domain = f"{name}.{aws.BASE_DOMAIN}"
    made = route53.create_hosted_zone(
        Name=domain,
        CallerReference=f"{infra_id}-late",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": aws.REGION, "VPCId": vpc},
    )
    zone = str(made["HostedZone"]["Id"].rpartition("/")[2])
    if tagged:
        mark = [{"Key": f"kubernetes.io/cluster/{infra_id}", "Value": "owned"}]
        ec2.create_tags(Resources=[vpc], Tags=mark)
        route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=mark)
    for part in PARTS:
        record = {"Name": f"{part}.{domain}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.9"}]}
        batch: Any = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    return zone


def zones(driver: Driver) -> set[str]:
    found = driver.stack.client("route53").list_hosted_zones()["HostedZones"]
    return {str(zone["Id"].rpartition("/")[2]) for zone in found}


def public_records(driver: Driver, name: str) -> list[str]:
    """What the world finds under the name, and where it leads."""
    route53 = driver.stack.client("route53")
    [public] = [
        zone["Id"]
        for zone in route53.list_hosted_zones()["HostedZones"]
        if zone["Name"] == f"{aws.BASE_DOMAIN}." and not zone["Config"]["PrivateZone"]
    ]
    records = route53.list_resource_record_sets(HostedZoneId=public)["ResourceRecordSets"]
    return [f"{one['Name']} {one['AliasTarget']['DNSName']}" for one in records if f".{name}." in one["Name"]]


def look_again(driver: Driver, infra_id: str) -> None:
    driver.sql("UPDATE attempts SET resweep_due_at = now() WHERE infra_id = %s AND cleanup = 'VERIFIED'", infra_id)


@pytest.mark.parametrize("tagged", [True, False])
def test_what_an_older_cluster_of_the_name_left(driver: Driver, name: str, *, tagged: bool) -> None:
    older = driver.life(name)
    living = driver.create(name)
    driver.wait(living, "READY")
    before = public_records(driver, name)
    assert len(before) == 2, "the control"
    [infra_id] = infra_ids(driver, older)
    zone = late_zone(driver, infra_id, name, tagged=tagged)
    look_again(driver, infra_id)
    wait_for(lambda: zone not in zones(driver), what="the end of the late zone")
    driver.wait(older, "DESTROYED")
    assert public_records(driver, name) == before
    driver.destroy(living)
    driver.wait(living, "DESTROYED")
    assert (public_records(driver, name), inventory.owned(driver.stack, name)) == ([], [])


def test_what_an_older_attempt_of_a_cluster_left(driver: Driver, name: str) -> None:
    driver.knobs(name, time_scale=0.1, journal=str(driver.stack.folder / "journal.jsonl"), **FAILS_ONCE)
    cluster_id = driver.create(name)
    driver.wait(cluster_id, "READY")
    before = public_records(driver, name)
    first, _second = infra_ids(driver, cluster_id)
    zone = late_zone(driver, first, name, tagged=False)
    look_again(driver, first)
    wait_for(lambda: zone not in zones(driver), what="the end of the late zone")
    assert public_records(driver, name) == before
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")
    assert public_records(driver, name) == []
