"""Pauses, in numbers."""

import pytest
from ocpctl_common.lifecycle.retries import pause

NO_CAP = float("inf")


# Cap: the pause after so many runs.
PAUSES: dict[float, dict[int, float]] = {
    0.5: {1: 0.5},
    30: {-1: 1, 0: 1, 1: 1, 2: 2, 3: 4, 5: 16, 6: 30, 7: 30},
    240: {8: 128, 9: 240, 10_000: 240},
    NO_CAP: {16: 32_768, 17: 65_536, 18: 65_536, 10_000: 65_536},
}


@pytest.mark.parametrize("cap", PAUSES)
def test_pauses_double_up_to_the_cap(cap: float) -> None:
    assert {count: pause(count, cap) for count in PAUSES[cap]} == PAUSES[cap]
