"""Servers that are none, or of another kind: a sentence, never a traceback."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ocpctl_cli import streams
from ocpctl_cli.failures import Exit

from tests.integration.cli.conftest import Call, Server
from tests.integration.cli.processes import PROGRAM, variables
from tests.integration.small_server import Answer

ID, JOB = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ", "job_01M8EFPASCJ5TJS3Q50XJSFJAR"
CREATE = ["create", "t1", "-p", "p", "--owner", "a@b.c", "--team", "t", "--base-domain", "d"]
READS = [["list"], ["get", ID], ["get", "t1"], ["profiles"], ["whoami"], ["events", ID], ["jobs", ID], ["receipt", ID]]
CHANGES = [CREATE, ["extend", ID, "--by", "4h"], ["destroy", ID, "--yes"], ["kubeconfig", ID], ["console", ID]]


@pytest.mark.parametrize("words", [*READS, *CHANGES])
@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b"7", b"\xff\xfe"])
def test_who_answers_and_is_no_ocpctl(server: Server, ocpctl: Call, words: list[str], body: bytes) -> None:
    server.otherwise = Answer(body=body)
    said = ocpctl(*words)
    assert said.code == Exit.FAILED
    assert "not as ocpctl does" in said.err
    assert "ocpctl doctor" in said.err


@pytest.mark.parametrize("words", [*READS, *CHANGES])
def test_an_answer_without_what_was_asked_for(server: Server, ocpctl: Call, words: list[str]) -> None:
    """Nothing, or a sentence."""
    server.otherwise = Answer(body=b'{"clusters": [{}], "profiles": [7], "jobs": {}, "grants": [[]], "events": "x"}')
    said = ocpctl(*words)
    assert said.code != Exit.OK or said.out + said.err
    if said.code == Exit.FAILED:
        assert "Please report it, with " in said.err


def test_who_sends_elsewhere(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {}, 308, location="https://ocpctl.example.com/api/v1/clusters")
    said = ocpctl("list")
    assert (said.code, len(server.asked)) == (Exit.FAILED, 1)  # no token goes there by itself
    assert "Use --url https://ocpctl.example.com\n" in said.err


@pytest.mark.parametrize("body", [b"<html>\n", b"7\n", b""])
def test_a_log_that_says_nothing_is_not_asked_for_for_ever(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.0)
    server.on(f"GET /jobs/{JOB}/log", body)
    said = ocpctl("logs", JOB)
    assert (said.code, len(server.asked)) == (Exit.AWAY, streams.TRIES)


EMPTY = [["destroy", "", "--yes"], ["get", " "], ["list", "--name", ""], ["logs", ""], ["create", "", "-p", "p"]]


@pytest.mark.parametrize(
    "words", [*EMPTY, ["sessions", "--revoke", ""], ["exec", "", "--", "true"], ["list", "--url", ""]]
)
def test_a_variable_that_is_not_set_means_nothing(server: Server, ocpctl: Call, words: list[str]) -> None:
    """`ocpctl destroy "$NAME" --yes` must not destroy the only cluster that there is."""
    server.otherwise = Answer(body=json.dumps({"clusters": [{"id": ID, "name": "t1", "status": "READY"}]}).encode())
    said = ocpctl(*words)
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert "it is empty" in said.err


def test_a_word_that_is_no_utf8(server: Server, ocpctl: Call) -> None:
    said = ocpctl("get", "t\udcff")
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert "no UTF-8" in said.err


def test_what_cannot_be_printed_is_told_once(server: Server, tmp_path: Path) -> None:
    server.otherwise = Answer(body=b'{"clusters": []}')
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "list"],
            env=variables(server.url, tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (Exit.FAILED, "ocpctl: [Errno 28] No space left on device\n")


def test_words_that_nobody_can_read_stop_nothing(server: Server, tmp_path: Path) -> None:
    server.on(f"GET /clusters/{ID}", {"id": ID, "name": "t1", "status": "READY"})
    server.on(f"POST /clusters/{ID}/destroy", {"clusterId": ID, "status": "DESTROYING"}, 202)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "destroy", ID, "--yes"],
            env=variables(server.url, tmp_path),
            stderr=full,
            check=False,
        )
    assert done.returncode == Exit.OK
    assert len(server.of(f"POST /clusters/{ID}/destroy")) == 1


@pytest.mark.parametrize(("hours", "word"), [(1, " ahead of the server"), (-1, " behind the server"), (0, "")])
def test_a_clock_that_is_wrong_is_named(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch, hours: int, word: str
) -> None:
    now = datetime.now(tz=UTC)
    monkeypatch.setattr("ocpctl_client.server._now", lambda: now + timedelta(hours=hours))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "AKIAEXAMPLE")
    login = {"nonce": "n", "audience": server.url, "regions": ["us-east-1"]}
    server.on("POST /auth/logins", login).on("POST /auth/sessions", {"message": "AWS refuses the proof"}, 401)
    said = ocpctl("login")
    assert said.code == Exit.SIGN_IN
    assert "AWS refuses the proof" in said.err
    assert word in said.err
    assert ("clock" in said.err) == bool(hours)
    assert ocpctl("login", "--profile", "nowhere").code == Exit.SIGN_IN
