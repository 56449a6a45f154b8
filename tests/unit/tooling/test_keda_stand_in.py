"""What KEDA's ScaledJob starts, by the strategies' rules in its documentation."""

import pytest

from tests.scaling.keda import Answer, to_start


def answer(value: float, *, active: bool = True, target: float = 1) -> Answer:
    return Answer(active=active, value=value, target=target)


@pytest.mark.parametrize(
    ("value", "running", "pending", "started"),
    [
        (0, 0, 0, 0),
        (3, 0, 0, 3),
        (3, 3, 3, 0),  # they are on their way
        (3, 8, 1, 2),  # those that run do not count
        (1, 2, 2, 0),
        (15, 0, 0, 10),
        (4, 8, 4, 2),  # near the maximum the pending ones are forgotten: two too many
    ],
)
def test_accurate_takes_away_what_is_pending(value: float, running: int, pending: int, started: int) -> None:
    assert to_start(answer(value), running=running, pending=pending, maximum=10) == started


def test_the_default_strategy_takes_away_what_runs() -> None:
    assert to_start(answer(3), running=2, pending=0, maximum=10, strategy="default") == 1
    assert to_start(answer(3), running=5, pending=0, maximum=10, strategy="default") == 0


def test_what_is_not_active_starts_nothing_and_a_part_of_a_target_is_one_more() -> None:
    assert to_start(answer(3, active=False), running=0, pending=0, maximum=10) == 0
    assert to_start(answer(3, target=2), running=0, pending=0, maximum=10) == 2
