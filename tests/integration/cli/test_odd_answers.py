"""Answers that have not the shape of the contract, go in circles, or ask for odd pauses: a sentence, and an end."""

import json
from typing import Any

import pytest
from ocpctl_cli import api, streams
from ocpctl_cli.failures import Exit

from tests.integration.cli.conftest import Call, Server
from tests.integration.cli.test_odd_servers import CHANGES, ID, JOB, READS
from tests.integration.small_server import Answer

LISTS = ("clusters", "profiles", "jobs", "grants", "events", "attempts", "locks", "runners", "states", "rows")
MORE = [["admin", word] for word in ("locks", "queue", "runners", "orphans", "states")]
MORE += [["admin", "mappings", "list"], ["sessions"], ["usage"], ["audit"], ["profiles", "p"]]
CLUSTER = {"id": ID, "name": "t1", "status": "READY"}


@pytest.mark.parametrize("words", [*READS, *CHANGES, *MORE])
@pytest.mark.parametrize("found", ["absent", None, 7, "x", [7], [[]], [{}], {}])
def test_an_answer_without_what_was_asked_for(server: Server, ocpctl: Call, words: list[str], found: Any) -> None:
    content = {} if found == "absent" else dict.fromkeys(LISTS, found)
    server.otherwise = Answer(body=json.dumps(content).encode())
    said = ocpctl(*words)
    assert said.code == Exit.FAILED
    assert "answered, but not as ocpctl does: with" in said.err
    assert said.out == ""


@pytest.mark.parametrize("words", [["list"], ["profiles"]])
def test_money_that_is_none(server: Server, ocpctl: Call, words: list[str]) -> None:
    row = CLUSTER | {"hourlyCostMicros": "much"}
    server.otherwise = Answer(body=json.dumps({"clusters": [row], "profiles": [row]}).encode())
    said = ocpctl(*words, "-o", "wide")
    assert said.code == Exit.FAILED
    assert "hourlyCostMicros that is no whole number" in said.err


@pytest.mark.parametrize("words", [["list"], ["events", ID], ["events", ID, "-f"]])
def test_a_server_that_sends_the_same_page_for_ever(server: Server, ocpctl: Call, words: list[str]) -> None:
    page = {"clusters": [CLUSTER], "events": [{"stage": "s"}], "nextPageToken": "again"}
    server.on(f"GET /clusters/{ID}", CLUSTER).on("GET /clusters", page).on(f"GET /clusters/{ID}/events", page)
    said = ocpctl(*words)
    assert said.code == Exit.FAILED
    assert "with the same page again" in said.err


def test_a_log_that_begins_again_is_not_printed_for_ever(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.0)
    line = json.dumps({"line": {"sequence": "1", "text": "once"}}).encode() + b"\n"
    server.on(f"GET /jobs/{JOB}/log", line)
    said = ocpctl("logs", JOB)
    assert (said.code, said.out) == (Exit.AWAY, "once\n")
    assert len(server.asked) == streams.TRIES + 1


@pytest.mark.parametrize("asked", ["86400", "9" * 400])
def test_a_server_that_asks_for_a_long_pause(server: Server, ocpctl: Call, asked: str) -> None:
    server.on("GET /clusters", {"message": "maintenance"}, 503, retry_after=asked)
    said = ocpctl("list")
    assert (said.code, len(server.asked)) == (Exit.AWAY, 1)
    assert "maintenance\n  Try again in " in said.err


@pytest.mark.parametrize("asked", ["0", "-5", "nan", "soon"])
def test_a_server_that_asks_for_no_pause_is_not_hammered(
    server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("ocpctl_cli.api.time.sleep", pauses.append)
    server.on("GET /clusters", {"message": "busy"}, 503, retry_after=asked).on("GET /clusters", {"clusters": []})
    assert ocpctl("list").code == Exit.OK
    assert pauses == [api.PAUSE_SECONDS]


@pytest.mark.parametrize("details", [7, [7], {"a": 1}, [{"@type": "x.BadRequest", "fieldViolations": [7, {}]}]])
def test_an_error_of_another_shape(server: Server, ocpctl: Call, details: Any) -> None:
    server.on("GET /clusters", {"message": "no", "details": details}, 403)
    assert ocpctl("list").code == Exit.REFUSED
