"""Every route of the contract, with what belongs to another team: the same answer as for what never was.

The routes are read from docs/openapi.json, so one that is added is tested.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

from tests.e2e.wire import error_of

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
VARIABLE = re.compile(r"{(\w+)}")
NOBODYS = {"clusterId": "clu_01ARZ3NDEKTSV4RRFFQ69G5FAV", "jobId": "job_01ARZ3NDEKTSV4RRFFQ69G5FAV"}
SHARED = {"/api/v1/profiles/{name}"}  # belongs to no team


def routes() -> Iterator[tuple[str, str]]:
    """(verb, path) of all routes."""
    for path, operations in DOCUMENT["paths"].items():
        yield from ((verb.upper(), path) for verb in operations)


ONE = [(verb, path) for verb, path in routes() if VARIABLE.search(path) and path not in SHARED]
LISTS = [path for verb, path in routes() if verb == "GET" and not VARIABLE.search(path)]
PAGED = [path for path in LISTS if "pageToken" in json.dumps(DOCUMENT["paths"][path]["get"]["parameters"])]


@pytest.fixture(scope="module")
def others(stack: Stack) -> Iterator[dict[str, str]]:
    """A cluster of team-b and its job, by the names that paths give them."""
    admin = Client(stack, "admin")
    for number in range(2):  # two, so that lists have a second page
        made = admin.create(GUIDE_REQUEST | {"name": f"team-b-{number}", "team": "team-b"}).body
    yield {"clusterId": made["clusterId"], "jobId": made["jobId"]}
    for cluster in admin.call("GET", "/clusters?team=team-b").body["clusters"]:
        admin.destroy(cluster["id"])


def body(verb: str, path: str) -> Any:
    """The least that the contract allows."""
    request = DOCUMENT["paths"][path][verb.lower()].get("requestBody")
    if request is None:
        return None
    schema = request["content"]["application/json"]["schema"]
    examples = {"integer": 1, "boolean": True, "string": "x"}
    return {name: examples.get(schema["properties"][name].get("type"), {}) for name in schema.get("required", [])}


def ask(stack: Stack, verb: str, path: str, ids: dict[str, str]) -> Answer:
    filled = VARIABLE.sub(lambda found: ids.get(found[1], ids["clusterId"]), path).removeprefix("/api/v1")
    return Client(stack).call(verb, filled, body(verb, path), key="k-other-teams" if verb != "GET" else None)


@pytest.mark.parametrize(("verb", "path"), ONE)
def test_what_belongs_to_another_team_does_not_exist(
    stack: Stack, others: dict[str, str], verb: str, path: str
) -> None:
    theirs, nobodys = ask(stack, verb, path, others), ask(stack, verb, path, NOBODYS)
    assert error_of(theirs)[0] in (400, 403, 404)
    assert error_of(theirs) == error_of(nobodys)
    text = theirs.body["message"]
    for name, value in others.items():
        text = text.replace(value, NOBODYS[name])
    assert text == nobodys.body["message"]


@pytest.mark.parametrize("path", LISTS)
def test_no_list_shows_it(stack: Stack, others: dict[str, str], path: str) -> None:
    text = json.dumps(Client(stack).call("GET", path.removeprefix("/api/v1")).body)
    assert not [value for value in others.values() if value in text]
    assert "team-b" not in text


def test_filters_do_not_widen_a_list(stack: Stack, others: dict[str, str]) -> None:
    requester = Client(stack)
    assert requester.call("GET", "/clusters?team=team-b&team=team-a&name=team-b-0").body["clusters"] == []
    assert requester.call("GET", f"/jobs?clusterId={others['clusterId']}").body["jobs"] == []


@pytest.mark.parametrize("path", PAGED)
def test_a_page_token_serves_only_whom_it_was_given(stack: Stack, others: dict[str, str], path: str) -> None:
    short = path.removeprefix("/api/v1")
    admin = Client(stack, "admin")
    token = admin.call("GET", f"{short}?pageSize=1").body["nextPageToken"]
    if not token:  # nothing to turn a page of here, such as orphans: then that of another list must not do either
        token = admin.call("GET", "/audit?pageSize=1").body["nextPageToken"]
    assert token
    assert Client(stack, "admin").call("GET", f"{short}?pageToken={token}").status == 200
    for principal in ("auditor", "requester"):
        answer = Client(stack, principal).call("GET", f"{short}?pageToken={token}")
        assert error_of(answer)[0] in (400, 403)


def test_a_create_for_another_team_is_refused_and_makes_nothing(stack: Stack) -> None:
    assert error_of(Client(stack).create(GUIDE_REQUEST | {"name": "not-mine", "team": "team-b"})) == (
        403,
        "NOT_PERMITTED",
    )
    assert Client(stack, "admin").call("GET", "/clusters?name=not-mine").body["clusters"] == []
