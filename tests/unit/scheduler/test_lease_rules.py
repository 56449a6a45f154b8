"""The times of the protocol: their defaults, and what contradicts itself."""

from typing import Any

import pytest
from ocpctl_scheduler.rules import LeaseRules

GOOD = {"lease": 300.0, "trust": 180.0, "kill": 30.0, "quarantine": 60.0, "backoff_unit": 60.0}


def rules(**changes: Any) -> LeaseRules:
    return LeaseRules(**(GOOD | changes))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lease": 211}, ""),
        ({"lease": 210}, "must be less than the lease"),
        ({"lease": 209}, "must be less than the lease"),
        ({"heartbeat": 59.9}, ""),
        ({"heartbeat": 60}, ""),
        ({"heartbeat": 60.1}, "must outlive 3 heartbeats"),
        ({"verification_pauses": ()}, "at least one"),
        ({"verification_pauses": (1,)}, ""),
        ({"verification_pauses": (1, 1)}, ""),
        ({"verification_pauses": (2, 1)}, "growing times"),
    ],
)
def test_times_that_contradict_each_other(changes: dict[str, Any], says: str) -> None:
    if says:
        with pytest.raises(ValueError, match=says):
            rules(**changes)
    else:
        rules(**changes)


def test_what_holds_where_nothing_is_said() -> None:
    by_itself = rules()
    assert (by_itself.heartbeat, by_itself.claim, by_itself.creates, by_itself.destroys) == (20, 60, 5, 10)
    assert (by_itself.restore, by_itself.creates_per_hour, by_itself.verification_pauses) == (
        600,
        10,
        (900, 7_200, 86_400),
    )
    assert by_itself.presence == 60


@pytest.mark.parametrize(("looks", "seconds"), [(0, 900), (1, 7_200), (2, 86_400), (3, None), (4, None)])
def test_when_it_is_looked_again(looks: int, seconds: float | None) -> None:
    assert rules().next_verification(looks) == seconds


@pytest.mark.parametrize(("units", "seconds"), [(0, 0), (0.5, 30), (1, 60), (240, 14_400)])
def test_a_unit_is_a_minute(units: float, seconds: float) -> None:
    assert rules().seconds(units) == seconds
