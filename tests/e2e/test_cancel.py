"""A create that is cancelled, and a destroy that an operator has tried again."""

from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.moto import inventory
from ocpctl_local.stack import Stack

from tests.e2e.test_bad_input import check_shape
from tests.faults.driver import Driver


def test_a_create_is_cancelled_and_what_it_made_is_proven_gone(stack: Stack, client: Client) -> None:
    Driver(stack).knobs("e2e-cancel", time_scale=6.0)
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-cancel"}).body["clusterId"]
    path = f"/clusters/{cluster_id}/cancel"
    client.wait(cluster_id, "CREATING")
    first = client.call("POST", path, key="cancel-1")
    assert (first.status, first.body["status"]) == (202, "DESTROYING")
    again = client.call("POST", path, key="cancel-2")
    assert (again.status, again.body["jobId"]) == (202, first.body["jobId"])
    assert "idempotent-replayed" not in again.headers
    client.wait(cluster_id, "DESTROYED", 120)
    assert inventory.owned(stack, "e2e-cancel") == []
    check_shape(client.call("POST", path, key="cancel-3"), 409, "NOT_CREATING")
    check_shape(Client(stack, "auditor").call("POST", path, key="cancel-4"), 403, "NOT_PERMITTED")


def test_an_operator_has_a_failed_cluster_destroyed(stack: Stack, client: Client) -> None:
    Driver(stack).knobs("e2e-retry", fail_stage="network", fail_class="QUOTA", time_scale=0.3)
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-retry"}).body["clusterId"]
    path = f"/admin/clusters/{cluster_id}/retry-destroy"
    admin = Client(stack, "admin")
    check_shape(admin.call("POST", path, key="retry-1"), 409, "NOTHING_TO_RETRY")
    client.wait(cluster_id, "FAILED")
    check_shape(client.call("POST", path, key="retry-2"), 403, "NOT_PERMITTED")
    answer = admin.call("POST", path, key="retry-3")
    assert (answer.status, answer.body["status"]) == (202, "DESTROYING")
    client.wait(cluster_id, "DESTROYED")
