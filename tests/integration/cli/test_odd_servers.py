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


ODD_URLS = ["http://[::1", "nonsense", "ftp://x", "https://127.0.0.1:99999", "http://ocpctl.example.com"]


@pytest.mark.parametrize("url", ODD_URLS)
@pytest.mark.parametrize("words", [["list"], ["login"], ["doctor"]])
def test_an_address_that_no_token_may_travel_to(server: Server, ocpctl: Call, url: str, words: list[str]) -> None:
    said = ocpctl(*words, "--url", url)
    assert said.code in (Exit.USAGE, Exit.SIGN_IN, Exit.FAILED)
    assert url in said.out + said.err
    assert "should not happen" not in said.err
    assert "https://" in said.out + said.err


def test_a_token_with_a_line_break(server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("GET /clusters", {"clusters": []})
    monkeypatch.setenv("OCPCTL_TOKEN", "one\ntwo")
    said = ocpctl("list")
    assert (said.code, server.asked) == (Exit.SIGN_IN, [])
    assert "OCPCTL_TOKEN is no token" in said.err
    monkeypatch.setenv("OCPCTL_TOKEN", "token-of-the-environment\r\n")
    assert ocpctl("list").code == Exit.OK


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["profiles", "../clusters"], "/api/v1/profiles/..%2Fclusters"),
        (["sessions", "--revoke", "a/b?c"], "/api/v1/auth/sessions/a%2Fb%3Fc"),
        (["admin", "mappings", "remove", "a#b"], "/api/v1/admin/rbac-mappings/a%23b"),
    ],
)
def test_what_is_typed_is_one_part_of_a_path(server: Server, ocpctl: Call, words: list[str], path: str) -> None:
    server.otherwise = Answer(body=b"{}")
    ocpctl(*words)
    assert [asked[1] for asked in server.asked] == [path]


@pytest.mark.parametrize("text", ["profile: 2026-01-01", "&a {name: *a, profile: p}"])
def test_a_file_with_what_json_has_not(server: Server, ocpctl: Call, tmp_path: Path, text: str) -> None:
    (tmp_path / "file.yaml").write_text(text)
    said = ocpctl("create", "-f", str(tmp_path / "file.yaml"))
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert "file.yaml holds what JSON has not" in said.err


def test_an_empty_key_is_not_left_out(server: Server, ocpctl: Call) -> None:
    said = ocpctl(*CREATE, "--ssh-key", "/dev/null")
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert "/dev/null is empty" in said.err


def test_a_terminal_obeys_no_message(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {"message": "no\x1b[2J\u202e"}, 403)
    said = ocpctl("list")
    assert said.err == "ocpctl: no�[2J�\n"
