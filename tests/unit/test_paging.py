"""Page tokens come from anywhere: one that we did not make is refused, whatever it holds."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.reads.paging import PageRequest
from ocpctl_common.errors import InvalidRequest

BINDING = "arn:aws:iam::123456789012:role/requester"
TIME = "2026-11-24T12:00:00+00:00"


@dataclass(frozen=True)
class Row:
    id: int
    created_at: datetime


ROWS = [Row(id=n, created_at=datetime(2026, 11, 24, tzinfo=UTC) - timedelta(hours=n)) for n in range(3)]


def asked(**words: object) -> PageRequest:
    return PageRequest.of(BINDING, pb.ListClustersRequest(**{"page_size": 2, "name": "a", **words}))  # type: ignore[arg-type]


def forged(row_id: object, time: object = TIME) -> str:
    """With the right digest: that is no secret."""
    raw = json.dumps([time, row_id, paging._digest(BINDING)])
    return base64.urlsafe_b64encode(raw.encode()).decode()


def test_there_and_back() -> None:
    position = paging.decode(forged("clu_1"), BINDING)
    assert position is not None
    assert paging.decode(paging.encode(*position, BINDING), BINDING) == position


@pytest.mark.parametrize(
    "token",
    [
        "a",
        "!!!!",
        base64.urlsafe_b64encode(b"[" * 50_000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"1" * 5_000).decode(),
        forged("clu_\0"),
        forged("9" * 5_000),
        forged("x\r\ny"),
        forged("clu_1", time=7),
        forged("clu_1", time="2026-11-24T12:00:00"),
        forged("clu_1", time="yesterday"),
        forged({"a": 1}, time={"a": 1}),
    ],
)
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequest):
        paging.decode(token, BINDING)


def test_a_token_of_another_principal_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        paging.decode(forged("clu_1"), BINDING + "2")


def test_a_row_more_than_the_page_makes_a_token_of_the_last_row_on_it() -> None:
    page = asked().cut(ROWS)
    assert page.rows == ROWS[:2]
    following = asked(page_token=page.next_token)
    assert following.after == (ROWS[1].created_at, "1")
    assert following.fetch == 3


def test_the_last_page_has_no_token() -> None:
    assert asked().cut(ROWS[:2]).next_token == ""
    assert asked().cut([]).next_token == ""


def test_the_id_in_a_token_may_be_another_number_of_the_row() -> None:
    token = asked().cut(ROWS, row_id=lambda row: row.id + 70).next_token
    assert paging.number(asked(page_token=token).after) == 71


def test_a_token_of_other_filters_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="other filters"):
        asked(page_token=asked().cut(ROWS).next_token, name="b")
