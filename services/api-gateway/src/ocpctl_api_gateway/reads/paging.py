"""Pages of lists. A page token names the last row of a page and is bound to the caller and the filters."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Generic, Protocol, TypeAlias, TypeVar, cast

from google.protobuf.message import Message
from ocpctl_common.errors import FieldProblem, InvalidRequest

DEFAULT_SIZE = 50
MAX_SIZE = 100
MAX_ROW_ID_LENGTH = 64
Position: TypeAlias = tuple[datetime, str]


class ListRequest(Protocol):
    """A list request of the contract."""

    page_size: int
    page_token: str


class Row(Protocol):
    """A row has a place in a list: its time, and its id among rows of the same time."""

    @property
    def created_at(self) -> datetime: ...
    @property
    def id(self) -> str | int: ...


RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[RowT]):
    """`next_token` is empty on the last page."""

    rows: Sequence[RowT]
    next_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """The page of at most `limit` rows that follows the position `after`."""

    limit: int
    after: Position | None
    token: str
    binding: str

    @classmethod
    def of(cls, caller: str, request: ListRequest) -> "PageRequest":
        """Raises InvalidRequest for a wrong size, and for a token of another caller or of other filters."""
        limit, bound_to = size(request.page_size), binding(caller, cast("Message", request))
        return cls(limit=limit, after=decode(request.page_token, bound_to), token=request.page_token, binding=bound_to)

    @property
    def fetch(self) -> int:
        """One row more than the page holds shows whether another page follows."""
        return self.limit + 1

    def cut(self, found: Sequence[RowT], *, row_id: Callable[[RowT], object] = attrgetter("id")) -> Page[RowT]:
        """The page, from at most `fetch` rows."""
        rows = found[: self.limit]
        more = len(found) > self.limit
        return Page(rows=rows, next_token=self.token_after(rows[-1].created_at, row_id(rows[-1])) if more else "")

    def token_after(self, created_at: datetime, row_id: object) -> str:
        """The token of the page that follows a row."""
        return encode(created_at, str(row_id), self.binding)


def size(asked: int) -> int:
    """Rows on a page: 0 means 50, more than 100 means 100. Raises InvalidRequest."""
    if asked < 0:
        problem = FieldProblem(field="pageSize", description="must not be negative", reason="PAGE_SIZE_INVALID")
        raise InvalidRequest("pageSize must not be negative", problems=[problem])
    return min(asked or DEFAULT_SIZE, MAX_SIZE)


def binding(caller: str, request: Message) -> str:
    """All that a page token depends on: the caller and the filters."""
    filters = type(request)()
    filters.CopyFrom(request)
    filters.ClearField("page_token")
    filters.ClearField("page_size")
    return caller + filters.SerializeToString(deterministic=True).hex()


def encode(created_at: datetime, row_id: str, binding: str) -> str:
    raw = json.dumps([created_at.isoformat(), row_id, _digest(binding)])
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(token: str, binding: str) -> Position | None:
    """The row that a token names; None without a token. Raises InvalidRequest."""
    if not token:
        return None
    try:
        time, row_id, digest = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        position = datetime.fromisoformat(time), str(row_id)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _refused("is not a token of this API") from error
    if len(position[1]) > MAX_ROW_ID_LENGTH or not (position[1].isascii() and position[1].isprintable()):
        raise _refused("is not a token of this API")  # anybody can compute the digest, so the row may be anything
    if digest != _digest(binding) or position[0].tzinfo is None:
        raise _refused("belongs to other filters; begin again without it")
    return position


def number(position: Position | None) -> int:
    """The row number of a position in a list that is ordered by number; 0 without one. Raises InvalidRequest."""
    if position is None:
        return 0
    if not position[1].isdecimal():
        raise _refused("is not a token of this list")
    return int(position[1])


def row_id(position: Position | None) -> str:
    """The id of a position in a list that is ordered by id; "" without one."""
    return position[1] if position else ""


def _digest(binding: str) -> str:
    return hashlib.sha256(binding.encode()).hexdigest()[:16]


def _refused(rule: str) -> InvalidRequest:
    problem = FieldProblem(field="pageToken", description=rule, reason="PAGE_TOKEN_INVALID")
    return InvalidRequest(f"pageToken {rule}", problems=[problem])
