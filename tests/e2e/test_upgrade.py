"""Old code on the new schema: the last release's services beside today's, then today's alone (CONTRIBUTING.md).

The last release is the commit in `last_release`, read from this repository's own history.
"""

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.moto import aws
from ocpctl_local.settings import ROOT

from tests.e2e.hosts import Hosts, two_hosts

LAST_RELEASE = (Path(__file__).with_name("last_release")).read_text().split()[0]
NEW = ("gateway-2", "scheduler-2", "runner-2")
OLD = ("gateway-1", "scheduler-1", "janitor")


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What goes before the installed packages: the sources of the last release."""
    command = ["git", "-C", str(ROOT), "archive", LAST_RELEASE, "libs", "services"]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"this checkout has no history: {LAST_RELEASE} is missing (git fetch --unshallow)")
    folder = tmp_path_factory.mktemp("last-release")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
    return ":".join(str(path) for path in sorted(folder.glob("*/*/src")))


@pytest.fixture(scope="module")
def hosts(postgres_server: Postgres, old_code: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """The first host, and with it the janitor, has the last release. It can end no credentials that are made for it."""
    old = {"PYTHONPATH": old_code, "OCPCTL_ABSENCE_INTERVAL_SECONDS": "1"}
    with two_hosts(postgres_server, tmp_path_factory.mktemp("hosts"), "upgrade", old, [aws.ACCOUNT]) as made:
        yield made


def test_the_first_host_has_the_last_release(old_code: str) -> None:
    say = (
        "import ocpctl_scheduler, ocpctl_common, ocpctl.v1.types_pb2 as v1; print(ocpctl_scheduler, ocpctl_common, v1)"
    )
    command = [sys.executable, "-c", say]
    said = subprocess.run(command, env={"PYTHONPATH": old_code}, capture_output=True, text=True, check=True).stdout
    assert said.count("last-release") == 3, said


def created(hosts: Hosts, name: str) -> str:
    return str(hosts.call("POST", "/clusters", {**GUIDE_REQUEST, "name": name})["clusterId"])


def test_the_last_release_runs_on_todays_schema_beside_today(hosts: Hosts) -> None:
    """Together; the old alone; then today's alone ends what the old accepted."""
    first = created(hosts, "together")
    hosts.becomes(first, "READY")
    for name in NEW:
        hosts.end(name)
    second = created(hosts, "old")
    hosts.becomes(second, "READY")
    hosts.call("POST", f"/clusters/{first}/destroy")
    hosts.becomes(first, "DESTROYED")
    hosts.end("runner-1")  # an interrupted install would be tried again after a minute
    third = created(hosts, "accepted-by-the-old")
    for name in NEW:
        hosts.start_again(name)
    for name in OLD:
        hosts.end(name)
    hosts.start_again("janitor")
    hosts.becomes(third, "READY")
    for cluster_id in (second, third):
        hosts.call("POST", f"/clusters/{cluster_id}/destroy")
        hosts.becomes(cluster_id, "DESTROYED")
