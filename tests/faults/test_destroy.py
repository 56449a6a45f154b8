"""A destroy that is proven, whatever was lost or lies."""

from typing import Any

from ocpctl_local.moto import inventory

from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS, outsider, stopped
from tests.oracle.evidence import BUCKET
from tests.waiting import wait_for


def ready(driver: Driver, name: str) -> str:
    cluster_id = driver.create(name)
    driver.wait(cluster_id, "READY")
    return cluster_id


def knobs(driver: Driver, **more: Any) -> dict[str, Any]:
    return {"time_scale": 0.1, "journal": str(driver.stack.folder / "journal.jsonl"), **more}


def test_with_credentials_of_another_account_nothing_is_done(driver: Driver, name: str) -> None:
    cluster_id = ready(driver, name)
    statement = "UPDATE attempts SET aws_account_id = %s WHERE cluster_id = %s"
    [(account,)] = driver.sql("SELECT DISTINCT aws_account_id FROM attempts WHERE cluster_id = %s", cluster_id)
    driver.sql(statement, "999999999999", cluster_id)
    driver.destroy(cluster_id)
    wait_for(lambda: "the resources are in 999999999999" in driver.job(cluster_id).get("errorMessage", ""))
    assert inventory.owned(driver.stack, name)
    assert "destroy" not in driver.operations(name)
    driver.sql(statement, account, cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def test_what_becomes_visible_between_the_looks_is_found_by_the_second(driver: Driver, name: str) -> None:
    """Tag searches are eventually consistent: the first search sees nothing. A runner with a longer pause between."""
    driver.knobs(name, **knobs(driver, late_tags=3.0))
    cluster_id = ready(driver, name)
    patient = outsider(driver.stack, "patient", {"OCPCTL_TEARDOWN_INTERVAL_SECONDS": "5"})
    with patient, stopped(driver.stack, *RUNNERS):
        driver.destroy(cluster_id)
        wait_for(lambda: "ec2:volume" in driver.job(cluster_id).get("errorMessage", ""), what="the second search")
    driver.wait(cluster_id, "DESTROYED")


def test_what_becomes_visible_later_is_found_by_a_look_again(driver: Driver, name: str) -> None:
    driver.knobs(name, **knobs(driver, late_tags=3600.0))
    cluster_id = ready(driver, name)
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")
    driver.stack.show_tags()
    assert len(inventory.owned(driver.stack, name)) == 1, "the control: something is left"
    driver.sql("UPDATE attempts SET resweep_due_at = now() WHERE cluster_id = %s AND cleanup = 'VERIFIED'", cluster_id)
    wait_for(lambda: inventory.owned(driver.stack, name) == [], what="the new destroy")
    driver.wait(cluster_id, "DESTROYED")
    actions = [row[0] for row in driver.sql("SELECT action FROM audit_events WHERE target_cluster_id = %s", cluster_id)]
    assert actions.count("REMAINS_FOUND") == 2  # the attempt, the cluster


def test_a_destroy_that_is_stuck_says_what_blocks_it(driver: Driver, name: str) -> None:
    driver.knobs(name, **knobs(driver, destroy_blocked=True))
    cluster_id = ready(driver, name)
    driver.destroy(cluster_id)
    wait_for(lambda: "DependencyViolation" in driver.job(cluster_id).get("errorMessage", ""), what="the cloud's word")
    job = driver.job(cluster_id)
    assert job["errorCode"] == "BLOCKED"
    assert "ec2:vpc vpc-" in job["errorMessage"]
    driver.knobs(name, **knobs(driver))
    [(holder,)] = driver.sql("SELECT locked_by FROM job_locks WHERE cluster_id = %s", cluster_id)
    driver.stack.replace(holder)
    driver.wait(cluster_id, "DESTROYED")


def test_metadata_that_is_lost_everywhere_is_rebuilt(driver: Driver, name: str) -> None:
    """The row's copy is damaged and the bucket is gone, with every version in it."""
    cluster_id = ready(driver, name)
    driver.sql("UPDATE attempts SET metadata = 'torn' WHERE cluster_id = %s", cluster_id)
    s3 = driver.stack.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for item in page.get("Versions", []):
            s3.delete_object(Bucket=BUCKET, Key=item["Key"], VersionId=item["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)
    try:
        driver.destroy(cluster_id)
        driver.wait(cluster_id, "DESTROYED")
    finally:
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    assert inventory.owned(driver.stack, name) == []
