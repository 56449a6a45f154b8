"""Clusters from request to proof, through Envoy, on real processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import urllib3
import yaml
from ocpctl_installer_runner.installer import process_tree
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.database.data_folder import remove_data
from ocpctl_local.moto import inventory
from ocpctl_local.settings import ROOT, UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.waiting import slowed, wait_for


def request(name: str) -> dict[str, object]:
    return GUIDE_REQUEST | {"name": name}


def attempts(stack: Stack, cluster_id: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(stack.urls["database"]) as connection:
        statement = "SELECT id, outcome, cleanup FROM attempts WHERE cluster_id = %s ORDER BY fence"
        return connection.execute(statement, [cluster_id]).fetchall()


def test_create_hand_over_destroy(stack: Stack, client: Client) -> None:
    cluster_id = client.create(request("e2e-life")).body["clusterId"]
    assert client.wait(cluster_id, "READY")["credentialsMode"] == "MINT"
    answer = client.call("GET", f"/clusters/{cluster_id}/outputs")
    assert answer.headers["cache-control"] == "no-store"
    url = answer.body["kubeconfigDownloadUrl"]
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-Expires=300" in url
    assert "versionId=" in url
    kubeconfig = yaml.safe_load(urllib3.request("GET", url).data)
    assert kubeconfig["clusters"][0]["cluster"]["server"] == answer.body["apiUrl"]
    secrets = stack.client("secretsmanager")
    password = secrets.get_secret_value(SecretId=answer.body["kubeadminPasswordRef"])["SecretString"]
    assert [len(part) for part in password.split("-")] == [5, 5, 5, 5]
    assert inventory.owned(stack, "e2e-life")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    assert inventory.owned(stack, "e2e-life") == []
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=answer.body["kubeadminPasswordRef"])
    assert stages(client, cluster_id) >= {"preparing", "infrastructure", "bootstrap", "operators", "deleting"}
    receipt = client.call("GET", f"/clusters/{cluster_id}/receipt").body
    assert [check["found"]["ec2:vpc"] for check in receipt["attempts"][0]["checks"]] == [0, 0]


def stages(client: Client, cluster_id: str) -> set[str]:
    """What has happened to a cluster, read page by page; a token goes on where the last page ended."""
    found: list[str] = []
    token = ""
    while events := (page := client.call("GET", f"/clusters/{cluster_id}/events?pageSize=3&pageToken={token}").body)[
        "events"
    ]:
        found += [event["stage"] for event in events]
        token = page["nextPageToken"]
    assert token == page["nextPageToken"]
    return set(found)


def test_a_quota_failure_is_explained_and_leaves_nothing(stack: Stack, client: Client) -> None:
    cluster_id = client.create(request("e2e-quota")).body["clusterId"]
    cluster = client.wait(cluster_id, "FAILED")
    assert "limit of VPCs" in cluster["statusReason"]
    assert cluster["resourcesRemaining"] is False
    assert cluster["currentJob"]["errorCode"] == "QUOTA"
    assert inventory.owned(stack, "e2e-quota") == []
    assert client.create(request("e2e-quota")).status == 202  # the name is free again


def test_a_failed_bootstrap_is_tried_again_with_a_fresh_infra_id(stack: Stack, client: Client) -> None:
    cluster_id = client.create(request("e2e-flaky")).body["clusterId"]
    client.wait(cluster_id, "READY", 120)
    found = attempts(stack, cluster_id)
    assert [(outcome, cleanup) for _, outcome, cleanup in found] == [("FAILED", "VERIFIED"), ("SUCCEEDED", "REQUIRED")]
    job = client.call("GET", f"/jobs/{client.call('GET', f'/clusters/{cluster_id}').body['currentJob']['id']}").body
    assert (job["status"], job["errorCode"], job["errorMessage"]) == ("SUCCEEDED", "", "")
    told = [(one["id"], one["mode"], one["outcome"], one["failureClass"]) for one in job["attempts"]]
    assert told == [(found[0][0], "INSTALL", "FAILED", "BOOTSTRAP"), (found[1][0], "INSTALL", "SUCCEEDED", "")]
    assert job["attempts"][0]["exitCode"] == 5
    assert job["attempts"][0]["infraId"] != job["attempts"][1]["infraId"]
    assert "exitCode" not in job["attempts"][1] or job["attempts"][1]["exitCode"] == 0
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    assert inventory.owned(stack, "e2e-flaky") == []


def test_a_destroy_that_lies_does_not_end_a_cluster(stack: Stack, client: Client) -> None:
    """`destroy cluster` says that it is done and has deleted nothing: teardown verification knows better."""
    cluster_id = client.create(request("e2e-liar")).body["clusterId"]
    client.wait(cluster_id, "READY")
    job_id = client.destroy(cluster_id).body["jobId"]
    wait_for(lambda: client.call("GET", f"/jobs/{job_id}").body["status"] == "RETRYING")
    job = client.call("GET", f"/jobs/{job_id}").body
    assert "resources are left" in job["errorMessage"]
    assert client.call("GET", f"/clusters/{cluster_id}").body["status"] == "DESTROYING"
    for config in (stack.folder / "installers").glob("*/simulator.json"):
        knobs = json.loads(config.read_text())
        del knobs["clusters"]["e2e-liar"]
        config.write_text(json.dumps(knobs))
    client.wait(cluster_id, "DESTROYED", 120)
    assert inventory.owned(stack, "e2e-liar") == []


def test_a_destroy_during_the_install_stops_it(stack: Stack, client: Client) -> None:
    cluster_id = client.create(request("e2e-slow")).body["clusterId"]
    client.wait(cluster_id, "CREATING")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED", 120)
    assert inventory.owned(stack, "e2e-slow") == []
    jobs = client.call("GET", f"/clusters/{cluster_id}").body["currentJob"]
    assert jobs["type"] == "DESTROY"


def test_the_janitor_collects_what_is_over(stack: Stack, client: Client) -> None:
    cluster_id = client.create(request("e2e-over")).body["clusterId"]
    client.wait(cluster_id, "READY")
    with psycopg.connect(stack.urls["database"]) as connection:
        connection.execute("UPDATE clusters SET destroy_at = now() WHERE id = %s", [cluster_id])
    client.wait(cluster_id, "DESTROYED")
    assert client.call("GET", f"/clusters/{cluster_id}").body["currentJob"]["type"] == "JANITOR_DESTROY"
    assert inventory.owned(stack, "e2e-over") == []


@pytest.mark.timeout(240)
def test_a_runner_that_is_asked_to_end_reports_and_its_work_is_done_again(tmp_path: Path) -> None:
    """Amid `create cluster`, after the drain time. What happens when it is killed: tests/faults."""
    journal = tmp_path / "journal"
    knobs = {"default": {"time_scale": 1.0, "journal": str(journal)}}
    settings = StackSettings(
        folder=tmp_path / "stack",
        runners=1,
        knobs=knobs,
        limits=UNLIMITED,
        times=slowed(LeaseTimes(lease=6, heartbeat=1, trust=3, kill=2)),
    )
    with running_stack(settings) as stack:
        client = Client(stack)
        cluster_id = client.create(request("killed")).body["clusterId"]
        client.wait(cluster_id, "CREATING")
        wait_for(lambda: journal.exists() and "control-plane" in journal.read_text(), 30)
        first = attempts(stack, cluster_id)[0][0]
        stack.kill("installer-runner-1", signal.SIGTERM)
        wait_for(lambda: process_tree.find(first) == [], 15)
        left = inventory.owned(stack, "killed")
        assert left, "the kill came too early to prove anything"
        client.wait(cluster_id, "READY", 120)
        found = attempts(stack, cluster_id)
        assert [(how, cleanup) for _, how, cleanup in found] == [
            ("INTERRUPTED", "VERIFIED"),
            ("SUCCEEDED", "REQUIRED"),
        ]
        infra_ids = {name.rpartition("-vpc")[0] for name in vpc_names(stack)}
        assert len(infra_ids) == 1, "resources of two attempts exist"
        overlap_free(journal)
        client.destroy(cluster_id)
        client.wait(cluster_id, "DESTROYED")
        assert inventory.owned(stack, "killed") == []


def vpc_names(stack: Stack) -> list[str]:
    ec2 = stack.client("ec2")
    filters = [{"Name": "tag-key", "Values": ["kubernetes.io/cluster/*"]}]
    vpcs = ec2.describe_vpcs(Filters=filters)["Vpcs"]
    return [tag["Value"] for vpc in vpcs for tag in vpc["Tags"] if tag["Key"] == "Name"]


def overlap_free(journal: Path) -> None:
    """The oracle that does not trust our database: no attempt acts after another one has begun."""
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    order = [record["attempt"] for record in records]
    changes = [attempt for index, attempt in enumerate(order) if index == 0 or order[index - 1] != attempt]
    assert len(changes) == len(set(changes)), changes


@pytest.mark.timeout(120)
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_of_a_stack(tmp_path: Path, sign: signal.Signals) -> None:
    """Kill or Ctrl-C of the supervisor: no process of the stack survives, not even a running installer's."""
    command = [sys.executable, "-m", "ocpctl_local", "--folder", str(tmp_path), "up"]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    stack = Stack(tmp_path)
    supervisor, pids = stack.state.supervisor, stack.state.pids
    try:
        client = Client(stack)
        cluster_id = client.create(request("left")).body["clusterId"]
        client.wait(cluster_id, "CREATING")
        attempt = attempts(stack, cluster_id)[0][0]
        wait_for(lambda: process_tree.find(attempt) != [], 10)
        os.kill(supervisor, sign)
        wait_for(lambda: not any(running(pid) for pid in pids.values()) and process_tree.find(attempt) == [], 30)
    finally:
        if running(supervisor):
            os.kill(supervisor, signal.SIGKILL)
        remove_data(tmp_path / "postgres")


def running(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
