"""Opaque page tokens: the last row of a page, bound to the caller and the filters."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from google.protobuf.message import Message
from ocpctl_common.errors import FieldProblem, InvalidRequest

DEFAULT_SIZE = 50
MOST = 100
LONGEST_ROW_ID = 64


class Row(Protocol):
    """What has a place in a list."""

    @property
    def created_at(self) -> datetime: ...
    @property
    def id(self) -> str: ...


RowT = TypeVar("RowT", bound=Row)


def size(asked: int) -> int:
    """Rows on a page: 0 means 50, more than 100 means 100. Raises InvalidRequest."""
    if asked < 0:
        problem = FieldProblem(field="pageSize", description="must not be negative", reason="PAGE_SIZE_INVALID")
        raise InvalidRequest("pageSize must not be negative", problems=[problem])
    return min(asked or DEFAULT_SIZE, MOST)


def binding(caller: str, request: Message) -> str:
    """Everything that a page token of this list depends on: who asks, and the filters."""
    filters = type(request)()
    filters.CopyFrom(request)
    filters.ClearField("page_token")
    filters.ClearField("page_size")
    return caller + filters.SerializeToString(deterministic=True).hex()


def encode(created_at: datetime, row_id: str, binding: str) -> str:
    """A token for the page after this row."""
    raw = json.dumps([created_at.isoformat(), row_id, _digest(binding)])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(token: str, binding: str) -> tuple[datetime, str] | None:
    """The row that a token names; None without a token. Raises InvalidRequest."""
    if not token:
        return None
    try:
        time, row_id, digest = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        position = datetime.fromisoformat(time), str(row_id)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _refused("is not a token of this API") from error
    if len(position[1]) > LONGEST_ROW_ID or not (position[1].isascii() and position[1].isprintable()):
        raise _refused("is not a token of this API")  # its digest is no secret, so the row may be anything
    if digest != _digest(binding) or position[0].tzinfo is None:
        raise _refused("belongs to other filters; begin again without it")
    return position


def cut(found: Sequence[RowT], most: int, binding: str) -> tuple[Sequence[RowT], str]:
    """A page of at most `most` rows and the token of the next one, from one row more than a page holds."""
    page = found[:most]
    return page, encode(page[-1].created_at, page[-1].id, binding) if len(found) > most else ""


def number(position: tuple[datetime, str] | None) -> int:
    """The row number of a position in a list that is counted; 0 without one. Raises InvalidRequest."""
    if position is None:
        return 0
    if not position[1].isdecimal():
        raise _refused("is not a token of this list")
    return int(position[1])


def row_id(position: tuple[datetime, str] | None) -> str:
    """The id of a position in a list that is ordered by id; "" without one."""
    return position[1] if position else ""


def _digest(binding: str) -> str:
    return hashlib.sha256(binding.encode()).hexdigest()[:16]


def _refused(rule: str) -> InvalidRequest:
    problem = FieldProblem(field="pageToken", description=rule, reason="PAGE_TOKEN_INVALID")
    return InvalidRequest(f"pageToken {rule}", problems=[problem])
