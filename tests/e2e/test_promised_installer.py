"""An installer that is not the promised one never runs: it makes nothing, and no cluster is said to be gone by it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.moto import inventory
from ocpctl_local.stack import Stack

from tests.waiting import wait_for

VERSION = "4.20.4"  # of this file alone, in the stack that others use too


def request(name: str) -> dict[str, object]:
    return GUIDE_REQUEST | {"name": name, "version": VERSION}


@contextmanager
def changed(stack: Stack, tmp_path: Path) -> Iterator[Path]:
    """Somebody's program in the place of the installer; it says that all is well. Names a file that it would write."""
    ran = tmp_path / "ran"
    home = stack.folder / "installers" / VERSION
    program, kept = home / "openshift-install", tmp_path / "kept"
    shutil.copy2(program, kept)
    program.write_text(f"#!/bin/sh\necho ran >> {ran}\nexit 0\n")
    try:
        yield ran
    finally:
        shutil.copy2(kept, program)


def job(client: Client, cluster_id: str) -> dict[str, str]:
    found: dict[str, str] = client.call("GET", f"/clusters/{cluster_id}").body["currentJob"]
    return found


def test_a_changed_installer_creates_nothing_and_mended_it_goes_on(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    """It is the runners' fault, not the request's: the job is handed back until one of them can do it."""
    with changed(stack, tmp_path) as ran:
        cluster_id = client.create(request("e2e-changed")).body["clusterId"]
        wait_for(lambda: "InstallerChanged" in job(client, cluster_id)["errorMessage"], what="the reason")
        assert "SHA256SUMS" in job(client, cluster_id)["errorMessage"]
        assert client.call("GET", f"/clusters/{cluster_id}").body["status"] == "PENDING", "nothing is created yet"
        assert not ran.exists()
        assert inventory.owned(stack, "e2e-changed") == []
    client.wait(cluster_id, "READY")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED", 120)


def test_a_changed_installer_destroys_nothing_and_mended_it_ends(stack: Stack, client: Client, tmp_path: Path) -> None:
    cluster_id = client.create(request("e2e-changed-later")).body["clusterId"]
    client.wait(cluster_id, "READY")
    with changed(stack, tmp_path) as ran:
        job_id = client.destroy(cluster_id).body["jobId"]
        wait_for(lambda: client.call("GET", f"/jobs/{job_id}").body["status"] == "RETRYING")
        work = client.call("GET", f"/jobs/{job_id}").body
        assert "InstallerChanged" in work["errorMessage"]
        assert client.call("GET", f"/clusters/{cluster_id}").body["status"] == "DESTROYING"
        assert not ran.exists()
        assert inventory.owned(stack, "e2e-changed-later")
    client.wait(cluster_id, "DESTROYED", 120)
    assert inventory.owned(stack, "e2e-changed-later") == []
