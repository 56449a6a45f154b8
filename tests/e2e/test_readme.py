"""The README's lines, verbatim, against a running stack."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ocpctl_local.client import Client
from ocpctl_local.command_line import PROGRAM
from ocpctl_local.moto import identity
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

from tests.e2e import recorded_session
from tests.e2e.command_line import Shell


def curl_lines() -> list[str]:
    """Every curl command of the README; one that goes on over several lines is one."""
    text = (ROOT / "README.md").read_text()
    indented = re.findall(r"^    (.*)$", text, re.MULTILINE)
    commands: list[str] = []
    for line in indented:
        if line.startswith("curl "):
            commands.append(line)
        elif commands and (commands[-1].endswith("\\") or commands[-1].count("'") % 2):
            commands[-1] += "\n" + line
    return commands


def test_the_lines_of_the_command_line(stack: Stack, tmp_path: Path) -> None:
    lines = re.findall(r"^    (ocpctl .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(lines) == 6
    shell = Shell(stack=stack, home=tmp_path, more={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"})
    done = subprocess.run(
        ["bash", "-e"], input="\n".join(lines), env=shell.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "READY. Use it: ocpctl kubeconfig demo --merge" in done.stderr
    assert "It is gone. The proof: ocpctl receipt" in done.stderr
    assert "INFRA ID" in done.stdout


def test_the_recorded_session_is_what_one_sees(stack: Stack, tmp_path: Path) -> None:
    shell = Shell(stack=stack, home=tmp_path, more={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"})
    seen = recorded_session.record(shell)
    assert recorded_session.comparable(seen) == recorded_session.comparable(recorded_session.written())


def test_signing_in(stack: Stack) -> None:
    """The README's line, in a shell that has sourced what `make up` wrote."""
    [line] = [line for line in (ROOT / "README.md").read_text().splitlines() if "ocpctl_client sign-in" in line]
    env = {"PATH": "/usr/bin:/bin", "OCPCTL_URL": stack.url, "HOME": str(stack.folder)}
    env["AWS_SHARED_CREDENTIALS_FILE"] = str(identity.credentials(stack.folder / "keys"))
    script = f"{line.strip()}\necho $REQUESTER_TOKEN"
    done = subprocess.run(["bash", "-ec", script], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert Client(stack, token=done.stdout.strip()).call("GET", "/me").status == 200


def run(stack: Stack, command: str, cluster_id: str) -> Any:
    env = {"PATH": "/usr/bin:/bin", "OCPCTL_URL": stack.url, "ID": cluster_id}
    env["REQUESTER_TOKEN"] = stack.token("requester")
    return json.loads(subprocess.run(["bash", "-c", command], env=env, capture_output=True, check=True).stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_the_curl_lines(stack: Stack, client: Client) -> None:
    profiles, create, find, get, outputs, destroy, receipt = curl_lines()
    assert len(run(stack, profiles, "")["profiles"]) >= 4
    cluster_id = run(stack, create, "")["clusterId"]
    assert run(stack, find, "")["clusters"][0]["id"] == cluster_id
    client.wait(cluster_id, "READY")
    assert run(stack, get, cluster_id)["status"] == "READY"
    assert run(stack, outputs, cluster_id)["apiUrl"].startswith("https://")
    assert run(stack, destroy, cluster_id)["status"] == "DESTROYING"
    client.wait(cluster_id, "DESTROYED")
    assert run(stack, receipt, cluster_id)["attempts"][0]["checks"]
