"""The command line against the whole product, through Envoy: a life, in a pipe and in a terminal."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from ocpctl_local.client import Client
from ocpctl_local.stack import Stack

from tests.e2e.command_line import Shell
from tests.waiting import wait_for

CREATE = ("-p", "aws-minimal-test", "--cost-center", "sandbox", "--owner", "me@example.com")

OF_IT = ("get", "wait", "events", "logs", "jobs", "kubeconfig", "env", "console")
LOOKS = [
    *((word, "e2e-tty") for word in OF_IT),
    ("whoami",),
    ("sessions",),
    ("profiles",),
    ("usage",),
    ("config", "list"),
]
LOOKS += [("exec", "e2e-tty", "--", "sh", "-c", "test -t 1 && echo $KUBECONFIG"), ("list", "--all", "-o", "wide")]


@pytest.fixture
def shell(stack: Stack, tmp_path: Path) -> Shell:
    made = Shell(stack=stack, home=tmp_path)
    made.run("login", "--profile", "requester")
    return made


@pytest.fixture
def admin(stack: Stack, tmp_path: Path) -> Shell:
    (tmp_path / "admin").mkdir()
    made = Shell(stack=stack, home=tmp_path / "admin")
    made.run("login", "--profile", "admin")
    return made


def test_a_whole_life_in_a_pipe(shell: Shell, tmp_path: Path) -> None:
    assert "REQUESTER (team-a)" in shell.run("whoami").stdout
    assert "aws-minimal-test" in shell.run("profiles", "-o", "name").stdout.split()
    assert "regions" in shell.run("profiles", "aws-minimal-test").stdout
    dry = shell.run("create", "e2e-cli", *CREATE, "--ttl", "8h", "--tag", "y=no", "--dry-run").stdout
    assert dry.startswith("# 2.50 USD an hour, 20.00 USD until its end in 8 hours\n")
    assert yaml.safe_load(dry)["tags"] == {"y": "no"}
    cluster_id = shell.run("create", "-f", "-", "--wait", "READY", stdin=dry).stdout.strip()
    assert shell.run("list", "--name", "e2e-cli", "-o", "name").stdout == f"{cluster_id}\n"
    assert json.loads(shell.run("get", "e2e-cli", "-o", "json").stdout)["ttlHours"] == 8
    assert shell.run("events", "e2e-cli").stdout.splitlines()[-1].endswith("Install complete!")
    assert "Install complete!" in shell.run("logs", "e2e-cli").stdout.splitlines()[-3]
    assert "SUCCEEDED" in shell.run("jobs", "e2e-cli").stdout
    assert "ends in 1" in shell.run("extend", "e2e-cli", "--by", "4h").stderr
    shell.run("kubeconfig", "e2e-cli", "--merge")
    config = tmp_path / ".kube" / "config"
    assert yaml.safe_load(config.read_text())["current-context"] == "e2e-cli"
    done = shell.run(
        "exec", "e2e-cli", "--", "sh", "-c", "grep -c certificate-authority-data $KUBECONFIG; exit 7", code=7
    )
    assert done.stdout == "1\n"
    exported = shell.run("env", "e2e-cli").stdout.splitlines()
    assert exported[1] == f"export OCPCTL_CLUSTER={cluster_id}"
    assert shell.run("console", "e2e-cli").stdout.startswith("https://console-openshift-console.apps.e2e-cli.")
    in_aws = replace(shell, more={"AWS_ENDPOINT_URL": shell.stack.urls["aws"]})
    assert len(in_aws.run("password", "e2e-cli").stdout.strip()) >= 20
    assert "is not destroyed: nobody can be asked" in shell.run("destroy", "e2e-cli", code=2).stderr
    shell.run("destroy", "e2e-cli", "--yes", "--watch")
    assert yaml.safe_load(config.read_text())["contexts"] == []
    assert not Path(exported[0].partition("=")[2]).exists()
    assert "us-east-1" in shell.run("receipt", "e2e-cli").stdout
    assert shell.run("list", "--name", "e2e-cli", "-o", "name").stdout == ""
    assert cluster_id in shell.run("list", "--all", "--name", "e2e-cli", "-o", "name").stdout
    assert "the last one of that name is DESTROYED" in shell.run("kubeconfig", "e2e-cli", code=3).stderr
    shell.run("logout")
    shell.run("list", code=4)


def test_a_life_in_a_terminal_of_40_columns(shell: Shell) -> None:
    code, seen = shell.in_terminal("create", "e2e-tty", *CREATE, "--watch", columns=40)
    assert code == 0
    assert "\r\x1b[K" in seen
    assert "e2e-tty READY" in seen
    frames = [frame for frame in seen.split("\r\x1b[K")[1:-1] if frame.strip()]
    assert max(map(len, frames)) < 40
    code, seen = shell.in_terminal("list", "--name", "e2e-tty", columns=40)
    assert (code, "…" in seen) == (0, True)
    for words in LOOKS:
        code, seen = shell.in_terminal(*words, columns=40)
        assert (code, bool(seen.strip()), "Traceback" in seen) == (0, True, False), words
    code, seen = shell.in_terminal("destroy", "e2e-tty", typed="no\n")
    assert (code, "nothing was destroyed" in seen) == (5, True)
    code, seen = shell.in_terminal("destroy", "e2e-tty", "--watch", typed="e2e-tty\n")
    assert (code, "It is gone." in seen) == (0, True)


def test_what_people_of_other_roles_ask(shell: Shell, admin: Shell) -> None:
    for words in (["locks"], ["queue"], ["runners"], ["orphans"], ["states"], ["mappings", "list"]):
        json.loads(admin.run("admin", *words, "-o", "json").stdout)
        admin.run("admin", *words)
        assert shell.run("admin", *words, code=5).stderr.startswith("ocpctl: ")
    arn = "arn:aws:iam::123456789012:user/e2e-cli-guest"
    made = json.loads(
        admin.run(
            "admin", "mappings", "add", arn, "--role", "auditor", "--team", "team-a", "--all-teams", "-o", "json"
        ).stdout
    )
    admin.run("admin", "mappings", "update", made["id"], "--disable")
    admin.run("admin", "mappings", "remove", made["id"])
    assert len(json.loads(admin.run("audit", "--limit", "3", "-o", "json").stdout)["events"]) == 3
    assert json.loads(admin.run("audit", "--export", "--outcome", "allowed").stdout.splitlines()[0])["hash"]
    assert admin.run("usage", "--by", "PROFILE").stdout.startswith("PROFILE")
    assert "," in admin.run("usage", "--csv").stdout
    assert "BEGAN" in shell.run("sessions").stdout


def test_the_doctor_finds_all_well_and_what_is_not(shell: Shell, stack: Stack, tmp_path: Path) -> None:
    said = shell.run(
        "doctor", code=0 if any(Path(folder, "kubectl").exists() for folder in ("/usr/bin", "/bin")) else 1
    ).stdout
    assert "ok     server" in said
    assert "ok     clock" in said
    stranger = Shell(stack=stack, home=tmp_path / "nobody", more={"OCPCTL_URL": "http://127.0.0.1:1"})
    said = stranger.run("doctor", code=1).stdout
    assert "WRONG  server" in said


@pytest.fixture
def runs(shell: Shell, client: Client) -> Iterator[Shell]:
    yield shell
    for one in client.call("GET", "/clusters?pageSize=100").body["clusters"]:
        if one["name"].startswith("run-"):
            client.wait(one["id"], "DESTROYED")


def test_run_ends_with_the_commands_code_and_without_the_cluster(runs: Shell) -> None:
    done = runs.run(
        "run", *CREATE, "--watch", "--", "sh", "-c", "test -s $KUBECONFIG && echo used $OCPCTL_CLUSTER; exit 9", code=9
    )
    cluster_id = done.stdout.split()[1]
    assert json.loads(runs.run("get", cluster_id, "-o", "json").stdout)["status"] == "DESTROYED"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("amid", ["install", "command"])
def test_run_that_is_asked_to_end_destroys(runs: Shell, client: Client, number: signal.Signals, amid: str) -> None:
    name = f"run-{amid}-{number.name.lower()}"
    command = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
    with runs.start("run", "--name", name, *CREATE, "--", *command) as process:
        assert process.stdout is not None
        if amid == "command":
            assert process.stdout.readline() == "up\n"
        else:
            assert process.stderr is not None
            assert "is asked for" in process.stderr.readline()
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        assert (
            process.wait(120) == 128 + number
            if amid == "install" or number != signal.SIGINT
            else process.wait(120) != 0
        )
    [cluster] = client.call("GET", f"/clusters?name={name}").body["clusters"]
    assert cluster["status"] in ("DESTROYING", "DESTROYED")


def test_run_that_is_killed_leaves_nothing(runs: Shell, client: Client) -> None:
    """The keepalive ends, and nobody says a word."""
    with runs.start("run", "--name", "run-killed", *CREATE, "--keep-alive", "30s", "--", "sleep", "600") as process:
        wait_for(lambda: client.call("GET", "/clusters?name=run-killed").body.get("clusters"), what="the cluster")
        [cluster] = client.call("GET", "/clusters?name=run-killed").body["clusters"]
        first = cluster["aliveUntil"]
        wait_for(
            lambda: client.call("GET", f"/clusters/{cluster['id']}").body["aliveUntil"] > first, what="a heartbeat"
        )
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    client.wait(cluster["id"], "DESTROYED")
