"""Who may take a slot, in numbers."""

import pytest
from ocpctl_common.lifecycle.pools import Pool, may_take, whose_turn

CREATES, DESTROYS = Pool.CREATES, Pool.DESTROYS
# Of 5 slots, 1 kept for creates and 2 for destroys; by what is busy: may a create, may a destroy begin.
FREE = {
    (0, 0): (True, True),
    (2, 0): (True, True),
    (3, 0): (False, True),
    (3, 1): (False, True),
    (3, 2): (False, False),
    (2, 2): (True, True),
    (1, 3): (True, True),
    (0, 3): (True, True),
    (0, 4): (True, False),
    (1, 4): (False, False),
    (2, 3): (False, False),
    (0, 5): (False, False),
}
# Who gets the slot of those that wait, the longest first.
TURNS = {
    (0, 0): (CREATES, DESTROYS),
    (3, 0): (DESTROYS, DESTROYS),
    (0, 4): (CREATES, CREATES),
    (2, 2): (CREATES, DESTROYS),
    (2, 3): (None, None),
}


@pytest.mark.parametrize("counts", FREE)
def test_who_may_take_a_slot(counts: tuple[int, int]) -> None:
    busy = dict(zip((CREATES, DESTROYS), counts, strict=True))
    found = (may_take(pool, slots=5, reserved={CREATES: 1, DESTROYS: 2}, busy=busy) for pool in (CREATES, DESTROYS))
    assert tuple(found) == FREE[counts]


def test_a_pool_that_was_never_busy_keeps_what_is_reserved() -> None:
    taken = {CREATES: 2}
    assert may_take(CREATES, slots=5, reserved={CREATES: 1, DESTROYS: 2}, busy=taken)
    assert not may_take(CREATES, slots=4, reserved={CREATES: 1, DESTROYS: 2}, busy=taken)


@pytest.mark.parametrize("counts", TURNS)
def test_whose_turn_it_is(counts: tuple[int, int]) -> None:
    busy = dict(zip((CREATES, DESTROYS), counts, strict=True))
    words = {"slots": 5, "reserved": {CREATES: 1, DESTROYS: 2}, "busy": busy}
    found = (whose_turn(waiting, **words) for waiting in ((CREATES, DESTROYS), (DESTROYS, CREATES)))  # type: ignore[arg-type]
    assert tuple(found) == TURNS[counts]
    assert whose_turn((), **words) is None  # type: ignore[arg-type]
