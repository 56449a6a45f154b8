"""What the GitHub action runs: a job's inputs, its identity, and the command's exit code."""

import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_local.client import Client
from ocpctl_local.command_line import PROGRAM
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

from tests.e2e.command_line import Shell

RUN = ROOT / "clients" / "github-action" / "run.sh"
INPUTS = {
    "INPUT_ROLE": "",
    "INPUT_PROFILE": "aws-minimal-test",
    "INPUT_OWNER": "ci@example.com",
    "INPUT_COST_CENTER": "sandbox",
    "INPUT_TTL": "3h",
    "INPUT_KEEP_ALIVE": "10m",
    "AWS_PROFILE": "requester",
}


def acted(stack: Stack, home: Path, **inputs: str) -> "subprocess.CompletedProcess[str]":
    path = f"{PROGRAM.parent}:{Path(sys.executable).parent}:/usr/bin:/bin"
    shell = Shell(stack=stack, home=home, more={**INPUTS, "PATH": path, **inputs})
    return subprocess.run([RUN], env=shell.env, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize(
    ("command", "code"), [('test -s $KUBECONFIG; echo "it\'s $((40 + 2))"', 0), ("false; true", 1)]
)
def test_the_command_decides(stack: Stack, client: Client, tmp_path: Path, command: str, code: int) -> None:
    done = acted(stack, tmp_path, INPUT_COMMAND=command)
    assert done.returncode == code, done.stderr
    assert done.stdout == ("it's 42\n" if code == 0 else "")
    assert "is being destroyed" in done.stderr
    for one in client.call("GET", "/clusters?owner=ci%40example.com").body["clusters"]:
        client.wait(one["id"], "DESTROYED")


def test_a_job_without_an_identity_is_told(stack: Stack, tmp_path: Path) -> None:
    done = acted(stack, tmp_path, INPUT_COMMAND="true", INPUT_ROLE="arn:aws:iam::123456789012:role/ci")
    assert done.returncode != 0
    assert "id-token: write" in done.stderr
    assert done.stdout == ""
