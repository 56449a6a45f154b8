"""The command line from its wheels, in an environment that has nothing else of ours; and the stubs alone, over gRPC."""

import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

from tests.e2e.command_line import Shell

UV = ROOT / ".local" / "uv" / "bin" / "uv"
NOT_OURS = {"grpcio", "pydantic", "sqlalchemy", "psycopg", "protobuf", "ocpctl-common", "ocpctl-stubs"}


def installed(folder: Path, *packages: str) -> Path:
    """The `bin` of a fresh environment with wheels of these folders, and what they say they need."""
    words = [str(UV), "build", "--quiet", "--wheel", "--out-dir", str(folder / "wheels")]
    for package in packages:
        subprocess.run([*words, str(ROOT / package)], check=True, capture_output=True, text=True)
    wheels = [str(path) for path in (folder / "wheels").glob("*.whl")]
    subprocess.run(
        [UV, "venv", "--quiet", "--python", sys.executable, folder / "venv"], check=True, capture_output=True
    )
    words = [str(UV), "pip", "install", "--quiet", "--python", str(folder / "venv" / "bin" / "python")]
    subprocess.run([*words, *wheels], check=True, capture_output=True, text=True)
    return folder / "venv" / "bin"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("cli"), "clients/python", "clients/cli")


def test_a_whole_life(stack: Stack, programs: Path, tmp_path: Path) -> None:
    listed = subprocess.run(
        [UV, "pip", "list", "--quiet", "--python", programs / "python"], check=True, capture_output=True, text=True
    )
    names = {line.split()[0] for line in listed.stdout.splitlines()}
    assert "ocpctl-cli" in names
    assert names & NOT_OURS == set()
    shell = Shell(stack=stack, home=tmp_path, program=str(programs / "ocpctl"))
    shell.run("login", "--profile", "requester")
    wanted = ("-p", "aws-minimal-test", "--cost-center", "sandbox", "--owner", "me@example.com")
    shell.run("create", "e2e-alone", *wanted, "--watch")
    shell.run("kubeconfig", "e2e-alone", "--merge")
    shell.run("destroy", "e2e-alone", "--yes", "--watch")
    assert "us-east-1" in shell.run("receipt", "e2e-alone").stdout


def test_the_stubs_alone(stack: Stack, client: Client, tmp_path: Path) -> None:
    """As docs/api.md says; neither reflection nor our other packages are needed."""
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-stubs"}).body["clusterId"]
    python = installed(tmp_path, "libs/stubs") / "python"
    env = {"OCPCTL_URL": stack.url, "OCPCTL_TOKEN": stack.token("requester"), "PATH": "/usr/bin:/bin"}
    words = [python, ROOT / "examples" / "grpc_clusters.py"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    assert f"{cluster_id} e2e-stubs" in done.stdout.splitlines()
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
