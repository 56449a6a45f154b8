"""How many runs an account and region may have at once, in numbers."""

from typing import Any, cast

import pytest
from ocpctl_common.lifecycle.states import RunMode
from ocpctl_common.lifecycle.throttling import creates_allowed, halved
from ocpctl_common.store import concurrency_limits
from ocpctl_common.store.concurrency_limits import ConcurrencyLoad, ConcurrencyPool
from ocpctl_scheduler import concurrency
from ocpctl_scheduler.rules import LeaseRules

RULES = LeaseRules(lease=300, trust=180, kill=30, quarantine=60, backoff_unit=60)
TX = cast("Any", None)


# To what 5 creates were lowered: how many are possible so many seconds later.
RESTORED: dict[int | None, dict[float, int]] = {
    None: {0: 5, 6_000: 5},
    1: {0: 1, 599: 1, 600: 2, 601: 2, 1_199: 2, 1_200: 3},
    2: {1_799: 4, 1_800: 5, 2_400: 5},
    4: {600: 5, 1_200: 5},
    7: {0: 5},
}


@pytest.mark.parametrize("lowered_to", RESTORED)
def test_a_lowered_number_comes_back_by_one_every_ten_minutes(lowered_to: int | None) -> None:
    expected = RESTORED[lowered_to]
    assert {seconds: creates_allowed(5, lowered_to, seconds, 600) for seconds in expected} == expected


@pytest.mark.parametrize(("allowed", "then"), [(0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3)])
def test_a_throttle_halves_and_leaves_one(allowed: int, then: int) -> None:
    assert halved(allowed) == then


# Mode, runs of its pool, to what the creates were lowered an instant ago: whether another must wait.
FULL = {
    ("INSTALL", 4, None): False,
    ("INSTALL", 5, None): True,
    ("INSTALL", 6, None): True,
    ("INSTALL", 1, 2): False,
    ("INSTALL", 2, 2): True,
    ("INSTALL", 3, 2): True,
    ("CLEANUP", 9, None): False,
    ("CLEANUP", 10, None): True,
    ("CLEANUP", 11, None): True,
    ("CLEANUP", 9, 2): False,
    ("SWEEP", 9, 2): False,
    ("SWEEP", 10, 2): True,
}


@pytest.mark.parametrize("row", FULL)
def test_who_must_wait(row: tuple[str, int, int | None], monkeypatch: pytest.MonkeyPatch) -> None:
    mode, running, lowered_to = row
    load = ConcurrencyLoad(lowered_to=lowered_to, seconds_since=0, running=running)
    monkeypatch.setattr(concurrency_limits, "lock", lambda tx, pool: load)
    pool = ConcurrencyPool.of("123456789012", "us-east-1", RunMode(mode))
    assert concurrency.is_full(TX, RULES, pool) is FULL[row]


# The same rows: how many more may begin.
FREE = {
    ("INSTALL", 0, None): 5,
    ("INSTALL", 4, None): 1,
    ("INSTALL", 6, None): 0,
    ("INSTALL", 1, 2): 1,
    ("CLEANUP", 3, 2): 7,
    ("SWEEP", 11, None): 0,
}


@pytest.mark.parametrize("row", FREE)
def test_how_many_more_may_begin(row: tuple[str, int, int | None], monkeypatch: pytest.MonkeyPatch) -> None:
    mode, running, lowered_to = row
    load = ConcurrencyLoad(lowered_to=lowered_to, seconds_since=0, running=running)
    monkeypatch.setattr(concurrency_limits, "load", lambda tx, pool: load)
    pool = ConcurrencyPool.of("123456789012", "us-east-1", RunMode(mode))
    assert concurrency.free(TX, RULES, pool) == FREE[row]


@pytest.mark.parametrize(
    ("lowered_to", "seconds", "then"), [(None, 0, 2), (4, 0, 2), (2, 0, 1), (1, 0, 1), (2, 1_200, 2), (1, 9_999, 2)]
)
def test_a_throttle_halves_what_is_allowed_now(
    lowered_to: int | None, seconds: float, then: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    load = ConcurrencyLoad(lowered_to=lowered_to, seconds_since=seconds, running=3)
    monkeypatch.setattr(concurrency_limits, "lock", lambda tx, pool: load)
    monkeypatch.setattr(concurrency_limits, "lower", lambda tx, pool, number: written.append(number))
    concurrency.lower(TX, RULES, ConcurrencyPool.of("123456789012", "us-east-1", RunMode.INSTALL))
    assert written == [then]
