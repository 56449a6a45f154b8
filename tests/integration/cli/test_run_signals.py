"""`ocpctl run` that is told to end while its create is not answered: it waits for the id, once."""

import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Call, Server
from tests.integration.cli.processes import begin, variables
from tests.waiting import wait_for

ID = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ"
CREATE, DESTROY = "POST /clusters", f"POST /clusters/{ID}/destroy"
NUMBERS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def started(server: Server, folder: Path) -> "tuple[subprocess.Popen[str], threading.Event]":
    """A run whose create is not answered until the event is set."""
    answered = threading.Event()
    server.on(CREATE, {"clusterId": ID, "status": "PENDING"}, 202)
    server.routes[CREATE][0].delay = answered
    server.on(DESTROY, {"clusterId": ID, "status": "DESTROYING"}, 202)
    words = ["run", "-p", "p", "--owner", "a@b.c", "--team", "t", "--base-domain", "d", "--", "true"]
    process = begin(words, variables(server.url, folder))
    wait_for(lambda: server.of(CREATE), what="the create")
    return process, answered


@pytest.mark.parametrize("number", NUMBERS)
def test_it_waits_for_the_id_and_destroys(server: Server, tmp_path: Path, number: signal.Signals) -> None:
    process, answered = started(server, tmp_path)
    with process:
        process.send_signal(number)
        assert process.stderr is not None
        assert "Waiting for the cluster's id" in process.stderr.readline()
        assert server.of(DESTROY) == []
        answered.set()
        assert process.wait(60) == 128 + number
    assert len(server.of(DESTROY)) == 1


def test_a_second_one_does_not_wait(server: Server, tmp_path: Path) -> None:
    process, answered = started(server, tmp_path)
    with process:
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 128 + signal.SIGINT
        assert server.of(DESTROY) == []
        answered.set()


def test_a_command_that_there_is_not_makes_no_cluster(server: Server, ocpctl: Call) -> None:
    said = ocpctl("run", "-p", "p", "--owner", "a@b.c", "--team", "t", "--base-domain", "d", "--", "nowhere-at-all")
    assert (said.code, server.asked) == (2, [])
    assert "nowhere-at-all cannot be run" in said.err
