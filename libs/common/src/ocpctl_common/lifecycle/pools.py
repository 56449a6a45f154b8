"""Pools: what makes things and what ends them wait in queues of their own, so that neither waits behind the other."""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Pool(StrEnum):
    """The kind of work that a dispatch is for and a slot may be kept free for."""

    CREATES = "creates"  # installs and scalings
    DESTROYS = "destroys"  # what ends cost: destroys, clean-ups after a create, verifications


def may_take(pool: Pool, *, slots: int, reserved: Mapping[Pool, int], busy: Mapping[Pool, int]) -> bool:
    """Whether the pool may use another of `slots`: what the others still have reserved stays free for them."""
    kept = sum(max(0, minimum - busy.get(other, 0)) for other, minimum in reserved.items() if other is not pool)
    return sum(busy.values()) + kept < slots


def whose_turn(
    waiting: Sequence[Pool], *, slots: int, reserved: Mapping[Pool, int], busy: Mapping[Pool, int]
) -> Pool | None:
    """Who of those that wait, the longest first, gets a slot now.

    In turn: a pool whose queue is empty asks again at once, and would keep a slot for both from the other's work.
    """
    return next((pool for pool in waiting if may_take(pool, slots=slots, reserved=reserved, busy=busy)), None)
