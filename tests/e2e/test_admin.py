"""What operators look at, and who may."""

import pytest
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack

ROUTES = ("/admin/locks", "/admin/queue", "/admin/runners")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("principal", "status"), [("admin", 200), ("auditor", 200), ("requester", 403)])
def test_for_admins_and_auditors_only(stack: Stack, principal: str, status: int, route: str) -> None:
    assert Client(stack, principal).call("GET", route).status == status


def test_a_running_install_is_seen_from_all_three_sides(stack: Stack, client: Client) -> None:
    admin = Client(stack, "admin")
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-operator"}).body["clusterId"]
    client.wait(cluster_id, "CREATING")
    [lock] = [lock for lock in admin.call("GET", "/admin/locks").body["locks"] if lock["clusterId"] == cluster_id]
    assert (lock["clusterName"], lock["jobType"], lock["expired"]) == ("e2e-operator", "CREATE", False)
    assert lock["lockTime"] <= lock["renewTime"] < lock["expireTime"]
    runners = {runner["id"]: runner for runner in admin.call("GET", "/admin/runners").body["runners"]}
    assert set(runners) == {"installer-runner-1", "installer-runner-2"}
    assert runners[lock["runnerId"]]["alive"]
    assert runners[lock["runnerId"]]["locks"] >= 1
    queue = admin.call("GET", "/admin/queue").body
    assert int(queue["runningJobs"]) >= 1
    assert queue["unpublished"] == "0"
    client.wait(cluster_id, "READY")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    assert cluster_id not in {lock["clusterId"] for lock in admin.call("GET", "/admin/locks").body["locks"]}
