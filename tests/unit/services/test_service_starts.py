"""A service that cannot start because of what is around it says so in a line."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ocpctl_local.moto import identity
from ocpctl_local.settings import ROOT
from ocpctl_local.tls import certificates

AWAY = "postgresql://a@127.0.0.1:1/b"
NO_ADDRESS = "another process uses it, or it is no address of this machine"
KNOWN = "registered"  # access keys that are good, in the folder of a test
QUEUE = "http://127.0.0.1:1/1/q.fifo"
# All settings that are needed, of all services.
GOOD = {
    "OCPCTL_LISTEN": "127.0.0.1:0",
    "OCPCTL_DATABASE_URL": AWAY,
    "OCPCTL_SCHEDULER_TARGET": "127.0.0.1:1",
    "OCPCTL_QUEUE_URL": QUEUE,
    "OCPCTL_DESTROY_QUEUE_URL": QUEUE,
    "OCPCTL_DEAD_LETTER_QUEUE_URL": QUEUE,
    "OCPCTL_BUCKET": "b",
    "OCPCTL_AUDIENCE": "https://a",
    "OCPCTL_PROFILES_DIR": str(ROOT / "profiles"),
    "OCPCTL_RUNNER_ID": "r",
    "OCPCTL_PULL_SECRET_ARN": "a",
    "OCPCTL_INSTALLERS_DIR": "/nonexistent",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "GRPC_VERBOSITY": "NONE",  # the library's own line about a port
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, and a file of keys that sign."""
    folder = tmp_path_factory.mktemp("starts")
    certificates.make(folder / "tls")
    command = [sys.executable, "-m", "ocpctl_api_gateway.identity.signing", str(folder / "keys.json")]
    subprocess.run(command, check=True, capture_output=True)
    identity.make_access_keys(folder)
    return folder


@pytest.fixture
def taken() -> Iterator[str]:
    """An address that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def said(folder: Path, name: str, changed: dict[str, str]) -> list[str]:
    """What is not a log record, of a service that ends with 1."""
    own = {
        "OCPCTL_TLS_DIR": str(folder / "tls" / name),
        "OCPCTL_SIGNING_KEYS_FILE": str(folder / "keys.json"),
        "OCPCTL_WORK_DIR": str(folder / "work"),
    }
    env = {"PATH": os.environ["PATH"], **GOOD, **own, **changed}
    if env.get("OCPCTL_LOCAL_ACCESS_KEYS_FILE") == KNOWN:
        env["OCPCTL_LOCAL_ACCESS_KEYS_FILE"] = str(identity.access_keys(folder))
    command = [sys.executable, "-m", f"ocpctl_{name.replace('-', '_')}"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    return [line for line in done.stderr.splitlines() if not line.startswith("{")]


@pytest.mark.parametrize(
    ("name", "changed", "told"),
    [
        ("api-gateway", {"OCPCTL_PROFILES_DIR": "/nonexistent"}, "no *.yaml files in /nonexistent"),
        ("api-gateway", {"OCPCTL_SIGNING_KEYS_FILE": "/nonexistent"}, "/nonexistent: No such file or directory"),
        (
            "api-gateway",
            {"OCPCTL_LOCAL_ACCESS_KEYS_FILE": "/nonexistent", "OCPCTL_ENVIRONMENT": "development"},
            "/nonexistent: cannot be read as JSON: FileNotFoundError",
        ),
        (
            "api-gateway",
            {"OCPCTL_LOCAL_ACCESS_KEYS_FILE": KNOWN},
            "registered access keys are for development: in production sign-ins are checked by AWS STS",
        ),
        (
            "api-gateway",
            {
                "OCPCTL_LOCAL_ACCESS_KEYS_FILE": KNOWN,
                "OCPCTL_ENVIRONMENT": "development",
                "AWS_ENDPOINT_URL": "http://192.0.2.1:4566",
            },
            "registered access keys need an AWS endpoint on this machine, not 'http://192.0.2.1:4566'",
        ),
        ("api-gateway", {"OCPCTL_LISTEN": "192.0.2.1:7010"}, f"cannot listen on 192.0.2.1:7010: {NO_ADDRESS}"),
        ("installer-runner", {"OCPCTL_PROFILES_DIR": "/nonexistent"}, "no *.yaml files in /nonexistent"),
        (
            "installer-runner",
            {"OCPCTL_WORK_DIR": "/proc/x"},
            "/proc/x: No such file or directory; set OCPCTL_WORK_DIR to a folder it may write to",
        ),
        ("scheduler", {"AWS_PROFILE": "nonesuch"}, "The config profile (nonesuch) could not be found"),
        (
            "scheduler",
            {"AWS_DEFAULT_REGION": ""},
            "no region; set AWS_DEFAULT_REGION to that of the queues and the bucket",
        ),
        ("scheduler", {}, "the database does not answer or is busy; try again"),
    ],
)
def test_what_is_around_it(folder: Path, name: str, changed: dict[str, str], told: str) -> None:
    assert said(folder, name, changed) == [f"cannot start: {told}"]


@pytest.mark.parametrize("name", ["installer-runner", "janitor"])
def test_a_cluster_role_beside_a_shared_file(folder: Path, name: str) -> None:
    role = {"OCPCTL_CLUSTER_ROLE_ARN": "arn:aws:iam::210987654321:role/clusters"}
    [line] = said(folder, name, {**role, "AWS_CONFIG_FILE": "/etc/aws"})
    assert line.startswith("cannot start: OCPCTL_CLUSTER_ROLE_ARN cannot be used")
    assert "(AWS_CONFIG_FILE: /etc/aws)" in line
    _, line = said(folder, name, {"OCPCTL_CLUSTER_ROLE_ARN": "clusters"})
    assert line.startswith("  OCPCTL_CLUSTER_ROLE_ARN: must be the ARN of a role")


def test_an_address_that_is_taken(folder: Path, taken: str) -> None:
    told = [f"cannot start: cannot listen on {taken}: {NO_ADDRESS}"]
    assert said(folder, "api-gateway", {"OCPCTL_LISTEN": taken}) == told
    told = [f"cannot start: cannot listen on {taken}: Address already in use"]
    assert said(folder, "janitor", {"OCPCTL_METRICS_LISTEN": taken}) == told


@pytest.mark.parametrize("name", ["api-gateway", "scheduler", "janitor"])
def test_a_database_of_another_kind(folder: Path, name: str) -> None:
    lines = said(folder, name, {"OCPCTL_DATABASE_URL": "mysql://a@127.0.0.1/b"})
    assert lines[1:] == ["  OCPCTL_DATABASE_URL: must be a postgresql:// URL"]


def test_times_that_do_not_fit(folder: Path) -> None:
    lines = said(folder, "scheduler", {"OCPCTL_LEASE_SECONDS": "10"})
    assert len(lines[1:]) == 1
    assert "must be less than the lease (10.0 s)" in lines[1]
