"""Workers come and go, told by the cluster's own API; and its kubeconfig, which lets the test look there itself."""

from pathlib import Path

import psycopg
import pytest
from ocpctl_installer_runner.cluster_api.kubeconfig import parse
from ocpctl_installer_runner.cluster_api.machine_sets import MachineSets
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.stack import Stack

from tests.e2e.test_bad_input import check_shape
from tests.faults.driver import Driver


def ready(client: Client, name: str) -> str:
    """A cluster that works."""
    cluster_id: str = client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"]
    client.wait(cluster_id, "READY")
    return cluster_id


def scale(client: Client, cluster_id: str, replicas: int, key: str) -> Answer:
    return client.call("POST", f"/clusters/{cluster_id}/scale-workers", {"workerReplicas": replicas}, key)


def workers(kubeconfig: str, folder: Path) -> list[tuple[int, int]]:
    """Wanted and ready workers of each machine set, asked with the cluster's own kubeconfig."""
    with MachineSets(parse(kubeconfig.encode()), folder) as found:
        return [(item.replicas, item.ready) for item in found.workers()]


def test_workers_are_scaled(stack: Stack, client: Client, tmp_path: Path) -> None:
    cluster_id = ready(client, "e2e-scale")
    path = f"/clusters/{cluster_id}"
    before = client.call("GET", path).body
    assert (before["workerReplicas"], before["hourlyCostMicros"]) == (0, "2500000")
    accepted = scale(client, cluster_id, 3, "scale-1")
    assert (accepted.status, accepted.body["status"]) == (202, "SCALING")
    assert accepted.headers["location"] == f"/api/v1{path}"
    assert client.call("GET", f"{path}/outputs").status == 200, "it works meanwhile"
    after = client.wait(cluster_id, "READY")
    assert (after["workerReplicas"], after["hourlyCostMicros"], after["statusReason"]) == (3, "3700000", "")
    assert (after["currentJob"]["id"], after["currentJob"]["status"]) == (accepted.body["jobId"], "SUCCEEDED")
    events = client.call("GET", f"{path}/events?pageSize=100").body["events"]
    assert "scaling workers" in {event["stage"] for event in events}
    answer = client.call("GET", f"{path}/kubeconfig")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert workers(answer.body["kubeconfig"], tmp_path) == [(2, 2), (1, 1)]
    file = client.call("GET", f"{path}/kubeconfig.yaml")
    assert (file.headers["content-type"], file.headers["cache-control"]) == ("application/yaml", "no-store")
    assert file.body.decode() == answer.body["kubeconfig"]
    with psycopg.connect(stack.urls["database"]) as connection:
        statement = "SELECT count(*) FROM audit_events WHERE target_cluster_id = %s AND action = %s"
        for action in ("GetKubeconfig", "GetKubeconfigFile"):
            assert connection.execute(statement, [cluster_id, action]).fetchone() == (1,)
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    check_shape(client.call("GET", f"{path}/kubeconfig"), 409, "NOT_READY")
    check_shape(client.call("GET", f"{path}/kubeconfig.yaml"), 409, "NOT_READY")
    with pytest.raises(RunFailed, match="401"):
        workers(answer.body["kubeconfig"], tmp_path)


def test_what_is_refused(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-unscaled"}).body["clusterId"]
    path = f"/clusters/{cluster_id}/scale-workers"
    check_shape(scale(client, cluster_id, 1, "refused-1"), 409, "WRONG_STATE")
    check_shape(client.call("GET", f"/clusters/{cluster_id}/kubeconfig"), 409, "NOT_READY")
    client.wait(cluster_id, "READY")
    assert "0 to 3" in check_shape(scale(client, cluster_id, 4, "refused-2"), 422, "POLICY_REFUSED")["workerReplicas"]
    assert "workerReplicas" in check_shape(client.call("POST", path, {}, "refused-3"), 400, "INVALID_REQUEST")
    assert "replicas" in check_shape(client.call("POST", path, {"replicas": 1}, "refused-4"), 400, "INVALID_REQUEST")
    check_shape(client.call("POST", path, {"workerReplicas": 1}), 400, "INVALID_REQUEST")
    check_shape(Client(stack, "auditor").call("GET", f"/clusters/{cluster_id}/kubeconfig"), 403, "NOT_PERMITTED")
    assert client.call("GET", f"/clusters/{cluster_id}").body["status"] == "READY"
    client.destroy(cluster_id)


def test_a_cluster_that_refuses_still_works_and_one_that_scales_can_be_destroyed(stack: Stack, client: Client) -> None:
    driver = Driver(stack)
    driver.knobs("e2e-refuses", refuse_scale=True, time_scale=0.3)
    driver.knobs("e2e-stalls", stall_scale=True, time_scale=0.3)
    made = [client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"] for name in ("e2e-refuses", "e2e-stalls")]
    refuses, stalls = made
    for cluster_id in made:
        client.wait(cluster_id, "READY")
        assert scale(client, cluster_id, 2, f"bad-{cluster_id}").status == 202
    cluster = client.wait(refuses, "READY")
    assert "refused to scale its workers (HTTP 403, Forbidden)" in cluster["statusReason"]
    assert (cluster["workerReplicas"], cluster["currentJob"]["status"]) == (0, "FAILED")
    assert cluster["currentJob"]["errorCode"] == "SCALE"
    job_id = client.wait(stalls, "SCALING")["currentJob"]["id"]
    for cluster_id in made:
        client.destroy(cluster_id)
        client.wait(cluster_id, "DESTROYED")
    assert client.call("GET", f"/jobs/{job_id}").body["status"] == "CANCELLED"
