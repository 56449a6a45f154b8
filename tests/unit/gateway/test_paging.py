"""Page tokens come from anywhere: one that we did not make is refused, whatever it holds."""

import base64
import json

import pytest
from ocpctl_api_gateway.reads import paging
from ocpctl_common.errors import InvalidRequest

BINDING = "arn:aws:iam::123456789012:role/requester"
TIME = "2026-11-24T12:00:00+00:00"


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
