"""Each form of output of each command that shows something: JSON and YAML are the API's own words."""

import json

import pytest
import yaml
from ocpctl_cli.failures import Exit

from tests.integration.cli import answers_of_the_contract as answers
from tests.integration.cli.conftest import Call, Server
from tests.integration.cli.test_odd_servers import CHANGES, ID, JOB
from tests.integration.small_server import Answer

# Words, route, and the field that names what is shown. A list that is put together of pages has its elements alone.
SHOWN = [
    (["list"], "GET /clusters", "id"),
    (["get", ID], f"GET /clusters/{ID}", "id"),
    (["receipt", ID], f"GET /clusters/{ID}/receipt", "attemptId"),
    (["jobs", ID], "GET /jobs", "id"),
    (["jobs", JOB], f"GET /jobs/{JOB}", "id"),
    (["profiles"], "GET /profiles", "name"),
    (["profiles", "p"], "GET /profiles/p", "name"),
    (["usage"], "GET /reports/usage", "key"),
    (["whoami"], "GET /me", "principalArn"),
    (["audit"], "GET /audit", "id"),
    (["admin", "locks"], "GET /admin/locks", "jobId"),
    (["admin", "queue"], "GET /admin/queue", ""),
    (["admin", "runners"], "GET /admin/runners", "id"),
    (["admin", "orphans"], "GET /admin/orphans", "infraId"),
    (["admin", "mappings", "list"], "GET /admin/rbac-mappings", "id"),
    (["sessions"], "GET /auth/sessions", "id"),
    (CHANGES[0], "POST /clusters", "clusterId"),
    (["extend", ID, "--by", "4h"], f"POST /clusters/{ID}/extend", "clusterId"),
    (["scale", ID, "--workers", "5"], f"POST /clusters/{ID}/scale-workers", "clusterId"),
    (["destroy", ID, "--yes"], f"POST /clusters/{ID}/destroy", "clusterId"),
]


class OfTheContract(Server):
    """Answers what the contract describes."""

    def answer(self, method: str, path: str, headers: object, body: bytes) -> Answer:
        """Of any route."""
        return Answer(body=json.dumps(answers.of(method, path.partition("?")[0])).encode())


@pytest.fixture
def server_kind() -> type[Server]:
    return OfTheContract


@pytest.mark.parametrize(("words", "route", "name"), SHOWN, ids=[" ".join(words) for words, _, _ in SHOWN])
def test_every_form(ocpctl: Call, words: list[str], route: str, name: str) -> None:
    method, path = route.split()
    answer = answers.of(method, f"/api/v1{path}")
    for form, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        said = ocpctl(*words, "-o", form)
        assert (said.code, read(said.out)) == (Exit.OK, answer)
    for form in ("table", "wide", "name"):
        said = ocpctl(*words, "-o", form)
        assert said.code == Exit.OK
        assert said.out.strip() or (form == "table" and said.err)  # a change is a sentence
    if name:
        assert said.out.strip() == _first(answer, name)


def _first(answer: object, name: str) -> object:
    """The field's value where it is found first."""
    if isinstance(answer, dict) and name in answer:
        return answer[name]
    inner = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    return next((found for one in inner if (found := _first(one, name))), None)


@pytest.mark.parametrize("server_kind", [Server])  # it answers what it is told
@pytest.mark.parametrize("words", [["events", ID], ["logs", JOB]])
def test_a_stream_in_every_form(server: Server, ocpctl: Call, words: list[str]) -> None:
    event, line = {"stage": "bootstrap", "progressPercent": 3}, {"sequence": "1", "text": "bootstrap"}
    server.on(f"GET /clusters/{ID}", {"id": ID})
    server.on(f"GET /jobs/{JOB}/log", json.dumps({"line": line, "end": {"reason": "COMPLETE"}}).encode() + b"\n")
    said = {}
    for form in ("json", "yaml", "table"):
        server.on(f"GET /clusters/{ID}/events", {"events": [event], "nextPageToken": "1"})
        server.on(f"GET /clusters/{ID}/events", {"events": [], "nextPageToken": "1"})
        said[form] = ocpctl(*words, "-o", form)
        server.routes[f"GET /clusters/{ID}/events"].clear()
    assert {one.code for one in said.values()} == {Exit.OK}, said
    assert [json.loads(said["json"].out)] == yaml.safe_load(said["yaml"].out) == [event if "events" in words else line]
    assert "bootstrap" in said["table"].out
