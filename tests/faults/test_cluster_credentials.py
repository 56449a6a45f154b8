"""Credentials that are made for a cluster, on bad days: in the end nothing of them is left."""

from ocpctl_local.client import Client

from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS, outsider, stopped
from tests.faults.plan import CCOCTL_STEPS
from tests.waiting import wait_for

ROLES = 7


def test_ccoctl_dies_amid_its_work(driver: Driver, name: str) -> None:
    lives = [driver.create(_dying(driver, f"{name}-{step}", step)) for step in CCOCTL_STEPS]
    for cluster_id in lives:
        cluster = driver.wait(cluster_id, "READY")
        assert cluster["credentialsMode"] == "MANUAL"
        *earlier, last = (end[1:] for end in driver.attempts(cluster_id))
        assert {cleanup for _, cleanup in earlier} == {"VERIFIED"}
        assert last == ("SUCCEEDED", "REQUIRED")
    for cluster_id in lives:
        driver.destroy(cluster_id)
    for cluster_id in lives:
        driver.wait(cluster_id, "DESTROYED")


def _dying(driver: Driver, name: str, step: str) -> str:
    driver.knobs(name, ccoctl_die=step, ccoctl_times=1)
    return name


def test_roles_that_iam_lists_late_are_found_by_post_destroy_verification(driver: Driver, name: str) -> None:
    """The failed attempt is verified while IAM's lists lack its roles: the search that follows later sees them."""
    driver.knobs(name, ccoctl_die="role-7", ccoctl_times=1)
    lists = ("ListRoles", "ListOpenIDConnectProviders")
    driver.stack.faults(*({"service": "iam", "operation": each, "late": 3600} for each in lists))
    cluster_id = driver.create(name)
    driver.wait(cluster_id, "READY")
    failed, *_ = driver.attempts(cluster_id)
    assert failed[2] == "VERIFIED"
    infra_id = driver.sql("SELECT infra_id FROM attempts WHERE id = %s", failed[0])[0][0]
    driver.stack.faults()
    assert len(roles(driver, infra_id)) == ROLES, "the control: something is left"
    driver.sql("UPDATE attempts SET resweep_due_at = now() WHERE id = %s", failed[0])
    wait_for(lambda: roles(driver, infra_id) == [], what="the new destroy")
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def roles(driver: Driver, infra_id: str) -> list[str]:
    pages = driver.stack.client("iam").get_paginator("list_roles").paginate()
    names = (role["RoleName"] for page in pages for role in page["Roles"])
    return [name for name in names if name.startswith(f"{infra_id}-")]


def test_private_discovery_documents_leave_nothing_in_cloudfront(driver: Driver, name: str) -> None:
    with outsider(driver.stack, "private", {"OCPCTL_PRIVATE_DISCOVERY": "true"}), stopped(driver.stack, *RUNNERS):
        cluster_id = driver.create(name)
        driver.wait(cluster_id, "READY")
        assert len(distributions(driver)) == 1
        driver.destroy(cluster_id)
        driver.wait(cluster_id, "DESTROYED")
    assert distributions(driver) == []
    receipt = Client(driver.stack).call("GET", f"/clusters/{cluster_id}/receipt").body
    assert receipt["attempts"][0]["checks"][0]["found"]["cloudfront:distribution"] == 0


def distributions(driver: Driver) -> list[object]:
    answer = driver.stack.client("cloudfront").list_distributions()
    return list(answer["DistributionList"].get("Items", []))
