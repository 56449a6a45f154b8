"""A server that is busy, slow or cut off: nothing is done or shown twice, and it is said what is waited for."""

import json
from typing import Any

import pytest
from ocpctl_cli import api, streams
from ocpctl_cli.failures import Exit

from tests.integration.cli.conftest import Call, Server

ID, JOB = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ", "job_01M8EFPASCJ5TJS3Q50XJSFJAR"
READY = {"id": ID, "name": "t1", "status": "READY", "createTime": "2026-11-27T12:00:00Z"}
CREATE = ("create", "t1", "-p", "p", "--owner", "a@b.c", "--team", "t", "--base-domain", "d")


def test_a_server_that_is_busy_is_waited_for_as_it_asks(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {"message": "busy"}, 503, retry_after="2").on("GET /clusters", {"clusters": [READY]})
    said = ocpctl("list", "-o", "name")
    assert (said.code, said.out) == (Exit.OK, f"{ID}\n")
    assert "The server is busy: trying again in 2 s." in said.err


def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PATIENCE_SECONDS", 0.0)
    server.on("POST /clusters", {"message": "lost"}, 503).on(
        "POST /clusters", {"clusterId": ID, "status": "PENDING"}, 202
    )
    assert ocpctl(*CREATE).code == Exit.AWAY
    said = ocpctl(*CREATE)
    assert (said.code, said.out) == (Exit.OK, f"{ID}\n")
    assert "whose answer was lost" in said.err
    assert ocpctl(*CREATE).code == Exit.OK
    first, second, third = (asked[2]["idempotency-key"] for asked in server.of("POST /clusters"))
    assert first == second != third


def test_a_list_has_all_pages(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {"clusters": [READY], "nextPageToken": "two&three"})
    server.on("GET /clusters", {"clusters": [{**READY, "id": "clu_2"}]})
    assert json.loads(ocpctl("list", "-o", "json").out) == {"clusters": [READY, {**READY, "id": "clu_2"}]}
    assert "pageToken=two%26three" in server.asked[1][1]


def test_what_a_newer_server_says_is_kept_and_shown(server: Server, ocpctl: Call) -> None:
    newer = {**READY, "status": "HIBERNATING", "hibernatedTime": "2027-01-01T00:00:00Z"}
    server.on(f"GET /clusters/{ID}", newer)
    assert json.loads(ocpctl("get", ID, "-o", "json").out) == newer
    assert "HIBERNATING" in ocpctl("get", ID).out


def test_what_an_older_server_does_not_say_is_left_out(server: Server, ocpctl: Call) -> None:
    server.on(f"GET /clusters/{ID}", {"id": ID, "name": "t1", "status": "READY"})
    server.on("GET /clusters", {"clusters": [{"id": ID, "name": "t1", "status": "READY"}]})
    assert ocpctl("get", ID).code == ocpctl("list", "-o", "wide").code == Exit.OK


def line(number: int) -> dict[str, Any]:
    return {
        "line": {
            "sequence": str(number),
            "time": "2026-11-27T12:00:00Z",
            "attemptId": "att_1",
            "text": f"line {number}",
        }
    }


def stream(*messages: dict[str, Any], cut: bytes = b"") -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages) + cut


def test_a_log_that_is_cut_off_goes_on_and_no_line_comes_twice(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.0)
    route = f"GET /jobs/{JOB}/log"
    server.on(route, stream(line(1), line(2), cut=b'{"line": {"sequence": "3", "te'))
    server.on(route, stream(line(3), {"end": {"reason": "TIME_LIMIT"}}))
    server.on(route, stream({"heartbeat": {}}, line(4), {"end": {"reason": "COMPLETE"}}))
    said = ocpctl("logs", JOB, "--follow", "--tail", "9")
    assert said.code == Exit.OK
    assert said.out.splitlines() == [f"line {number}" for number in (1, 2, 3, 4)]
    queries = [asked[1].partition("?")[2] for asked in server.asked]
    assert queries == ["follow=true&tail=9", "follow=true&afterSequence=2", "follow=true&afterSequence=3"]


def event(number: int) -> dict[str, Any]:
    return {"event": {"sequence": str(number), "action": "A"}}


def test_an_export_that_is_cut_off_goes_on_and_half_of_one_is_not_all(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.0)
    route = "GET /audit/export"
    server.on(route, stream(event(1), cut=b'{"event": {"seq')).on(
        route, stream(event(2), {"end": {"reason": "COMPLETE"}})
    )
    said = ocpctl("audit", "--export", "--action", "A")
    assert [json.loads(line)["sequence"] for line in said.out.splitlines()] == ["1", "2"]
    assert [asked[1].partition("?")[2] for asked in server.asked] == ["action=A", "action=A&afterSequence=1"]
    server.on(route, stream(event(3), {"end": {"reason": "FAILED"}}))
    server.routes[route].pop(0)
    said = ocpctl("audit", "--export")
    assert said.code == Exit.FAILED
    assert "is not all" in said.err


def test_the_text_of_a_log_keeps_its_spaces(server: Server, ocpctl: Call) -> None:
    spaced = {"line": {**line(1)["line"], "text": "a   b\tc\x1b[2J"}}
    server.on(f"GET /jobs/{JOB}/log", stream(spaced, {"end": {"reason": "COMPLETE"}}))
    assert ocpctl("logs", JOB).out == "a   b\tc�[2J\n"


def test_a_destroy_counts_though_the_kubeconfig_cannot_be_changed(server: Server, ocpctl: Call, tmp_path: Any) -> None:
    (tmp_path / "ocpctl").mkdir(exist_ok=True)
    (tmp_path / "ocpctl" / "merged.json").write_text("{")
    server.on(f"GET /clusters/{ID}", READY)
    server.on(f"POST /clusters/{ID}/destroy", {"clusterId": ID, "jobId": JOB, "status": "DESTROYING"}, 202)
    said = ocpctl("destroy", ID, "--yes")
    assert said.code == Exit.OK
    assert "stays where it was" in said.err
    assert "t1 is being destroyed" in said.err


@pytest.mark.parametrize("option", ["--ssh-key", "--file"])
def test_a_file_that_cannot_be_read_is_a_sentence(server: Server, ocpctl: Call, tmp_path: Any, option: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    said = ocpctl(*CREATE, option, str(tmp_path / "binary"))
    assert said.code == Exit.USAGE
    assert "binary cannot be read" in said.err
    assert server.asked == []


def test_a_log_of_a_session_that_was_revoked_ends(server: Server, ocpctl: Call) -> None:
    server.on(f"GET /jobs/{JOB}/log", stream(line(1), {"end": {"reason": "SESSION_REVOKED"}}))
    said = ocpctl("logs", JOB)
    assert (said.code, said.out) == (Exit.SIGN_IN, "line 1\n")


def test_only_one_try_is_shown(server: Server, ocpctl: Call) -> None:
    other = {"line": {**line(2)["line"], "attemptId": "att_2"}}
    server.on(f"GET /jobs/{JOB}/log", stream(line(1), other, {"end": {"reason": "COMPLETE"}}))
    server.on(f"GET /jobs/{JOB}", {"attempts": [{"id": "att_1", "number": 1}, {"id": "att_2", "number": 2}]})
    assert ocpctl("logs", JOB, "--attempt", "2").out == "line 2\n"
    said = ocpctl("logs", JOB, "--attempt", "3")
    assert said.code == Exit.NOT_FOUND
    assert "There are: 1, 2" in said.err


def test_a_name_that_is_not_unique_is_asked_for(server: Server, ocpctl: Call) -> None:
    two = [{**READY, "baseDomain": "a", "team": "x"}, {**READY, "id": ID[:-1] + "R", "baseDomain": "b", "team": "y"}]
    server.on("GET /clusters", {"clusters": two})
    said = ocpctl("destroy", "t1", "--yes")
    assert said.code == Exit.USAGE
    assert f"{ID}  t1.a  team x" in said.err
    assert len(server.asked) == 1


@pytest.mark.parametrize("broken", ["{", "[]", "7"])
def test_a_broken_configuration_is_told(server: Server, ocpctl: Call, broken: str, tmp_path: Any) -> None:
    (tmp_path / "ocpctl").mkdir()
    (tmp_path / "ocpctl" / "config.json").write_text(broken)
    said = ocpctl("list")
    assert said.code == Exit.FAILED
    assert "config.json" in said.err


def test_debug_shows_calls_and_no_secret(server: Server, ocpctl: Call) -> None:
    server.on("GET /clusters", {"clusters": []}, x_request_id="req-5")
    said = ocpctl("list", "--debug")
    assert "GET http://" in said.err
    assert "200" in said.err
    assert "request req-5" in said.err
