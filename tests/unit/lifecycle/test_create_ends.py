"""What follows each end of a create's attempt: outcome, failure class and counts, row by row."""

from typing import Any

import pytest
from ocpctl_common.lifecycle.states import JobType, Outcome

from tests.unit.lifecycle.ends import AGAIN, END, after

READY = ("SUCCEEDED", "INSTALL_SUCCEEDED", 0, False)
FAILED = (END, "INSTALL_GIVEN_UP", 0, True)
# By how many attempts of a create were the user's own, none to four; nothing needs cleanup.
CREATES = {
    "CONFIG": (AGAIN, END, END, END, END),
    "AUTH": (AGAIN, END, END, END, END),
    "QUOTA": (AGAIN, END, END, END, END),
    "CAPACITY": (AGAIN, AGAIN, AGAIN, END, END),
    "THROTTLE": (AGAIN, AGAIN, AGAIN, END, END),
    "DNS": (AGAIN, AGAIN, END, END, END),
    "BOOTSTRAP": (AGAIN, AGAIN, END, END, END),
    "OPERATORS": (AGAIN, AGAIN, END, END, END),
    "UNKNOWN": (AGAIN, AGAIN, END, END, END),
    "": (AGAIN, AGAIN, END, END, END),
    "NEVER_HEARD_OF": (AGAIN, AGAIN, END, END, END),
    "RUNNER": (AGAIN, AGAIN, AGAIN, AGAIN, AGAIN),
}
# The same for a class that allows three, by the job's own maximum.
MAXIMA = {
    1: (AGAIN, END, END, END, END),
    2: (AGAIN, AGAIN, END, END, END),
    3: (AGAIN, AGAIN, AGAIN, END, END),
    4: (AGAIN, AGAIN, AGAIN, END, END),
}


def by_attempts(lost: int = 0, **facts: Any) -> tuple[str, ...]:
    """What follows after none to four of the user's attempts, and so many that were lost."""
    return tuple(after(attempts=own + lost, lost_attempts=lost, **facts)[0] for own in range(5))


@pytest.mark.parametrize("failure_class", CREATES)
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
@pytest.mark.parametrize("lost", [0, 1, 3])
def test_how_often_a_create_is_tried(failure_class: str, outcome: Outcome, lost: int) -> None:
    """Lost attempts are not the user's."""
    assert by_attempts(lost, failure_class=failure_class, outcome=outcome) == CREATES[failure_class]


@pytest.mark.parametrize("limit", MAXIMA)
@pytest.mark.parametrize("failure_class", ["CAPACITY", "THROTTLE"])
def test_never_more_often_than_the_job_allows(limit: int, failure_class: str) -> None:
    assert by_attempts(failure_class=failure_class, max_attempts=limit) == MAXIMA[limit]


# Lost attempts and those of them that were a runner's own fault: whether one more follows.
LOST = {(1, 0): AGAIN, (2, 0): AGAIN, (3, 0): AGAIN, (4, 0): END, (5, 0): END}
LOST |= {(3, 1): AGAIN, (4, 1): AGAIN, (5, 1): END, (8, 5): AGAIN, (9, 5): END}


@pytest.mark.parametrize("counts", LOST)
@pytest.mark.parametrize("outcome", [Outcome.LEASE_LOST, Outcome.INTERRUPTED])
@pytest.mark.parametrize("job_type", [JobType.CREATE, JobType.SCALE_WORKERS])
def test_lost_runners_count_up_to_three(counts: tuple[int, int], outcome: Outcome, job_type: JobType) -> None:
    lost, own = counts
    facts = {"job_type": job_type, "outcome": outcome, "failure_class": "", "attempts": lost}
    assert after(**facts, lost_attempts=lost, handed_back=own)[0] == LOST[counts]


@pytest.mark.parametrize(
    ("facts", "units"),
    [
        ({"attempts": 1}, 1),
        ({"attempts": 2, "failure_class": "CAPACITY"}, 2),
        ({"attempts": 3, "lost_attempts": 2}, 4),
        ({"attempts": 5, "lost_attempts": 4}, 16),
        ({"attempts": 6, "lost_attempts": 5}, 30),
        ({"attempts": 2, "outcome": Outcome.INTERRUPTED, "lost_attempts": 2}, 2),
        ({"attempts": 2, "outcome": Outcome.LEASE_LOST, "lost_attempts": 2}, 0),
        ({"attempts": 9, "failure_class": "RUNNER", "handed_back": 1}, 1),
        ({"attempts": 9, "failure_class": "RUNNER", "handed_back": 3}, 4),
        ({"attempts": 9, "failure_class": "RUNNER", "handed_back": 4}, 5),
    ],
)
@pytest.mark.parametrize("needing_cleanup", [0, 1])
def test_the_pause_before_the_next_install(facts: dict[str, Any], units: float, needing_cleanup: int) -> None:
    assert after(**facts, needing_cleanup=needing_cleanup) == (AGAIN, None, units, False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": Outcome.SUCCEEDED}, READY),
        ({"outcome": Outcome.SUCCEEDED, "needing_cleanup": 1}, READY),
        ({"outcome": Outcome.SUCCEEDED, "given_up": True}, FAILED),
        ({"failure_class": "QUOTA"}, FAILED),
        ({"failure_class": "QUOTA", "needing_cleanup": 1}, (AGAIN, None, 1, True)),
        ({"given_up": True, "failure_class": "RUNNER"}, FAILED),
        ({"given_up": True, "needing_cleanup": 1, "cleanup_runs": 1}, (AGAIN, None, 1, True)),
        ({"given_up": True, "needing_cleanup": 2, "cleanup_runs": 4}, (AGAIN, None, 8, True)),
        ({"given_up": True, "needing_cleanup": 1, "cleanup_runs": 5}, FAILED),
        ({"given_up": True, "needing_cleanup": 1, "cleanup_runs": 6}, FAILED),
        ({"given_up": True, "needing_cleanup": 1, "cleanup_runs": 6, "handed_back": 2}, (AGAIN, None, 30, True)),
        ({"given_up": True, "needing_cleanup": 1, "cleanup_runs": 7, "handed_back": 2}, FAILED),
        ({"given_up": True, "needing_cleanup": 0, "cleanup_runs": 4}, FAILED),
    ],
)
def test_how_a_create_ends(facts: dict[str, Any], expected: tuple[object, ...]) -> None:
    assert after(**facts) == expected
