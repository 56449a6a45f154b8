"""What an error of the API means."""

import pytest
from ocpctl_cli.answers import failure_of, retry_seconds
from ocpctl_cli.durations import LONGEST
from ocpctl_cli.failures import Exit

REASON = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "NAME_TAKEN", "domain": "ocpctl"}
REQUEST = {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "req-1"}
VIOLATIONS = {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    "fieldViolations": [
        {"field": "ttlHours", "description": "at most 72"},
        {"field": "tags[x]", "description": "is reserved"},
        {"field": "newThing", "description": "is unknown to this client"},
    ],
}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, 2),
        (401, 4),
        (403, 5),
        (404, 3),
        (409, 5),
        (413, 2),
        (431, 2),
        (418, 1),
        (422, 5),
        (429, 8),
        (500, 1),
        (503, 8),
        (504, 8),
    ],
)
def test_a_status_is_an_exit_code(status: int, code: int) -> None:
    assert failure_of(status, {"message": "no"}, {}).code == code


def test_an_error_tells_what_and_what_to_do_and_the_request() -> None:
    failure = failure_of(409, {"message": "the name is taken", "details": [REASON, REQUEST]}, {})
    assert failure.lines()[0] == "ocpctl: the name is taken"
    assert "Choose another name" in failure.lines()[1]
    assert failure.lines()[-1] == "  request req-1"


def test_violations_stand_beside_their_options() -> None:
    failure = failure_of(422, {"message": "refused", "details": [VIOLATIONS]}, {"ttlHours": "--ttl", "tags": "--tag"})
    assert failure.message == "the request is refused:"
    assert failure.hint.splitlines() == [
        "--ttl: at most 72",
        "--tag: is reserved",
        "newThing: is unknown to this client",
    ]


@pytest.mark.parametrize("body", [None, "", "<html>bad gateway</html>", [], {"details": "x"}, {"details": [1, {}]}])
def test_an_answer_that_is_none_of_ours_is_told_as_well(body: object) -> None:
    failure = failure_of(502, body, {})
    assert failure.code is Exit.FAILED
    assert failure.message == "the server answered 502"


def test_who_is_not_signed_in_is_told_the_command() -> None:
    assert failure_of(401, {"message": "the session has ended"}, {}).hint == "Sign in: ocpctl login"


ASKED = [("3", 3.0), ("0", 0.0), ("9" * 400, LONGEST)]
UNCLEAR = ["-1", "soon", "", "nan", "inf", "1e9", "²", "Wed, 21 Oct 2026 07:28:00 GMT"]


@pytest.mark.parametrize(("header", "seconds"), [*ASKED, *((one, None) for one in UNCLEAR)])
def test_how_long_a_server_asks_to_wait(header: str, seconds: float | None) -> None:
    assert retry_seconds({"retry-after": header}) == seconds
