"""Who is alone does not wait; who comes meanwhile is stored together; whatever goes wrong, each is tried alone."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ocpctl_common.errors import NameTaken, Unavailable
from ocpctl_common.store.creates import Inserted, NewCluster
from ocpctl_scheduler import joined_creates
from ocpctl_scheduler.joined_creates import LIMIT, JoinedCreates

from tests.waiting import wait_for

STORED = Inserted(accepted=True, wait_seconds=None)


def new(key: str) -> NewCluster:
    return cast("NewCluster", SimpleNamespace(request=SimpleNamespace(principal="r", key=key)))


class Database:
    """Notes who was stored with whom; the first statements wait until `go`."""

    def __init__(self, refuses: Callable[[Sequence[str]], Exception | None] = lambda keys: None) -> None:
        self.go = threading.Event()
        self.begun = 0
        self.ones: list[str] = []
        self.many: list[list[str]] = []
        self.left_out: set[str] = set()
        self.taken: set[str] = set()
        self._refuses = refuses

    def one(self, one: NewCluster) -> Inserted:
        self.begun += 1
        assert self.go.wait(60)
        self.ones.append(one.request.key)
        if one.request.key in self.taken:
            raise NameTaken("taken")
        return STORED

    def several(self, batch: Sequence[NewCluster]) -> frozenset[int]:
        keys = [one.request.key for one in batch]
        self.many.append(keys)
        if error := self._refuses(keys):
            raise error
        return frozenset(place for place, key in enumerate(keys) if key not in self.left_out)


def joined(database: Database) -> JoinedCreates:
    return JoinedCreates(database.one, database.several)


def waiting(one: JoinedCreates) -> int:
    return len(one._waiting)


def insert_behind_two(database: Database, keys: Sequence[str]) -> list[Any]:
    """Two statements are under way, then all of `keys` come, in their order; the answers, or errors, by key."""
    one = joined(database)

    def insert(key: str) -> Any:
        try:
            return one.insert(new(key))
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(len(keys) + 2) as pool:
        first = [pool.submit(insert, name) for name in ("first", "second")]
        wait_for(lambda: database.begun == 2)
        others = []
        for number, key in enumerate(keys):
            others.append(pool.submit(insert, key))
            wait_for(lambda number=number: waiting(one) == number + 1)  # type: ignore[misc]
        database.go.set()
        answers = [one.result(60) for one in [*first, *others]]
    assert one._at_work == 0
    assert answers[:2] == [STORED, STORED]
    return answers[2:]


def test_one_that_is_alone_is_stored_alone_and_at_once() -> None:
    database = Database()
    database.go.set()
    one = joined(database)
    assert [one.insert(new(str(number))) for number in range(3)] == [STORED] * 3
    assert (database.ones, database.many) == (["0", "1", "2"], [])


def test_those_that_come_meanwhile_are_stored_together() -> None:
    database = Database()
    assert insert_behind_two(database, list("abcdefg")) == [STORED] * 7
    assert (
        sorted(key for batch in database.many for key in batch) + sorted(database.ones)
        == [
            *"abcdefg",
            "first",
            "second",
        ]
        or len(database.ones) == 3
    ), "one may be left for the second that is at work"
    assert len(database.many) <= 2


def test_no_statement_is_for_more_than_its_most() -> None:
    database = Database()
    keys = [f"k{number:02d}" for number in range(3 * LIMIT)]
    assert insert_behind_two(database, keys) == [STORED] * len(keys)
    assert max(map(len, database.many)) == LIMIT
    assert sorted([*database.ones, *(key for batch in database.many for key in batch)]) == ["first", *keys, "second"]


@pytest.mark.parametrize("error", [NameTaken("taken"), Unavailable("away"), RuntimeError("a defect")])
def test_what_fails_together_is_tried_alone_and_only_the_culprit_fails(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined_creates, "AT_WORK", 2)
    database = Database(lambda keys: error if "bad" in keys else None)
    database.taken = {"bad"}
    answers = insert_behind_two(database, ["a", "bad", "b", "c"])
    assert [type(answer) for answer in answers] == [Inserted, NameTaken, Inserted, Inserted]


def test_one_that_was_left_out_is_asked_alone_why() -> None:
    database = Database()
    database.left_out, database.taken = {"b"}, {"b"}
    answers = insert_behind_two(database, ["a", "b", "c"])
    assert [type(answer) for answer in answers] == [Inserted, NameTaken, Inserted]


def test_the_same_key_is_never_twice_in_a_statement() -> None:
    database = Database()
    assert insert_behind_two(database, ["a", "a", "b", "a"]) == [STORED] * 4
    assert all(len(set(batch)) == len(batch) for batch in database.many)


def test_many_threads_for_a_while_leave_nobody_waiting() -> None:
    database = Database(lambda keys: RuntimeError("now and then") if len(keys) % 5 == 4 else None)
    database.go.set()
    one = joined(database)
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda number: one.insert(new(str(number % 700))), range(3000)))
    assert answers == [STORED] * 3000
    assert (one._at_work, waiting(one)) == (0, 0)
