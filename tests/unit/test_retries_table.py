"""What follows each end of an attempt: job kind, outcome, failure class and counts, row by row."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from ocpctl_common.lifecycle.retries import AttemptEnd, after_attempt
from ocpctl_common.lifecycle.states import JobType, Outcome

AGAIN, END = "TO_BE_RETRIED", "GIVEN_UP"
FIRST = AttemptEnd(
    job_type=JobType.CREATE,
    outcome=Outcome.FAILED,
    failure_class="BOOTSTRAP",
    cancel_requested=False,
    given_up=False,
    dirty=0,
    attempts=1,
    max_attempts=3,
    lost_attempts=0,
    cleanup_runs=0,
)
READY = ("SUCCEEDED", "INSTALL_SUCCEEDED", 0, False)
FAILED = (END, "INSTALL_GIVEN_UP", 0, True)
DESTROYED = ("SUCCEEDED", "DESTROY_PROVEN", 0, False)
CANCELLED = ("CANCELLED", None, 0, False)


def after(**facts: Any) -> tuple[str, str | None, float, bool]:
    """Job event, cluster event, pause in units, whether the create is given up."""
    verdict = after_attempt(replace(FIRST, **facts))
    return verdict.job_event, verdict.cluster_event, verdict.pause_units, verdict.give_up


# After the first, second, third and fourth attempt of a create; none was lost, and nothing is dirty.
CREATES = {
    "CONFIG": (END, END, END, END),
    "AUTH": (END, END, END, END),
    "QUOTA": (END, END, END, END),
    "CAPACITY": (AGAIN, AGAIN, END, END),
    "THROTTLE": (AGAIN, AGAIN, END, END),
    "DNS": (AGAIN, END, END, END),
    "BOOTSTRAP": (AGAIN, END, END, END),
    "OPERATORS": (AGAIN, END, END, END),
    "UNKNOWN": (AGAIN, END, END, END),
    "": (AGAIN, END, END, END),
    "NEVER_HEARD_OF": (AGAIN, END, END, END),
    "RUNNER": (AGAIN, AGAIN, AGAIN, AGAIN),
}
# The same for a class that allows three, by the job's own maximum.
MAXIMA = {1: (END, END, END, END), 2: (AGAIN, END, END, END), 3: (AGAIN, AGAIN, END, END), 4: (AGAIN, AGAIN, END, END)}


@pytest.mark.parametrize("failure_class", CREATES)
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_how_often_a_create_is_tried(failure_class: str, outcome: Outcome) -> None:
    found = [after(failure_class=failure_class, outcome=outcome, attempts=number)[0] for number in (1, 2, 3, 4)]
    assert tuple(found) == CREATES[failure_class]


@pytest.mark.parametrize("most", MAXIMA)
def test_never_more_often_than_the_job_allows(most: int) -> None:
    found = [after(failure_class="CAPACITY", max_attempts=most, attempts=number)[0] for number in (1, 2, 3, 4)]
    assert tuple(found) == MAXIMA[most]


@pytest.mark.parametrize(("lost", "expected"), [(0, END), (1, END), (2, AGAIN), (3, AGAIN)])
def test_lost_attempts_are_not_the_users(lost: int, expected: str) -> None:
    assert after(attempts=3, lost_attempts=lost)[0] == expected


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
@pytest.mark.parametrize("dirty", [0, 1])
def test_the_pause_before_the_next_install(facts: dict[str, Any], units: float, dirty: int) -> None:
    assert after(**facts, dirty=dirty) == (AGAIN, None, units, False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": Outcome.SUCCEEDED}, READY),
        ({"outcome": Outcome.SUCCEEDED, "dirty": 1}, READY),
        ({"outcome": Outcome.SUCCEEDED, "given_up": True}, FAILED),
        ({"failure_class": "QUOTA"}, FAILED),
        ({"failure_class": "QUOTA", "dirty": 1}, (AGAIN, None, 1, True)),
        ({"given_up": True, "failure_class": "RUNNER"}, FAILED),
        ({"given_up": True, "dirty": 1, "cleanup_runs": 1}, (AGAIN, None, 1, True)),
        ({"given_up": True, "dirty": 2, "cleanup_runs": 4}, (AGAIN, None, 8, True)),
        ({"given_up": True, "dirty": 1, "cleanup_runs": 5}, FAILED),
        ({"given_up": True, "dirty": 1, "cleanup_runs": 6}, FAILED),
        ({"given_up": True, "dirty": 1, "cleanup_runs": 6, "handed_back": 2}, (AGAIN, None, 30, True)),
        ({"given_up": True, "dirty": 1, "cleanup_runs": 7, "handed_back": 2}, FAILED),
        ({"given_up": True, "dirty": 0, "cleanup_runs": 4}, FAILED),
    ],
)
def test_how_a_create_ends(facts: dict[str, Any], expected: tuple[object, ...]) -> None:
    assert after(**facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": Outcome.SUCCEEDED}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "cancel_requested": True}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "dirty": 1, "cleanup_runs": 1}, (AGAIN, None, 1, False)),
        ({"cleanup_runs": 1}, (AGAIN, None, 1, False)),
        ({"cleanup_runs": 8}, (AGAIN, None, 128, False)),
        ({"cleanup_runs": 9}, (AGAIN, None, 240, False)),
        ({"cleanup_runs": 3, "failure_class": "RUNNER"}, (AGAIN, None, 4, False)),
        ({"cleanup_runs": 4, "failure_class": "RUNNER"}, (AGAIN, None, 5, False)),
        ({"cleanup_runs": 4, "outcome": Outcome.INTERRUPTED}, (AGAIN, None, 8, False)),
        ({"cleanup_runs": 4, "outcome": Outcome.LEASE_LOST}, (AGAIN, None, 0, False)),
    ],
)
@pytest.mark.parametrize("job_type", [JobType.DESTROY, JobType.JANITOR_DESTROY])
def test_after_a_destroy(job_type: JobType, facts: dict[str, Any], expected: tuple[object, ...]) -> None:
    assert after(job_type=job_type, **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": Outcome.SUCCEEDED}, ("SUCCEEDED", None, 0, False)),
        ({"outcome": Outcome.SUCCEEDED, "dirty": 1}, ("SUCCEEDED", None, 0, False)),
        ({"outcome": Outcome.SUCCEEDED, "remains": 1, "cleanup_runs": 2}, (AGAIN, None, 2, False)),
        ({"outcome": Outcome.SUCCEEDED, "destroying": True}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "destroying": True, "remains": 1}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "destroying": True, "dirty": 1}, (AGAIN, None, 1, False)),
        ({"cleanup_runs": 9}, (AGAIN, None, 240, False)),
        ({"outcome": Outcome.LEASE_LOST, "cleanup_runs": 3}, (AGAIN, None, 4, False)),
    ],
)
def test_after_a_look_again(facts: dict[str, Any], expected: tuple[object, ...]) -> None:
    assert after(job_type=JobType.ORPHAN_SWEEP, **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": Outcome.SUCCEEDED}, ("SUCCEEDED", "WORKERS_SCALED", 0, False)),
        ({}, (END, "SCALE_GIVEN_UP", 0, False)),
        ({"outcome": Outcome.INTERRUPTED, "attempts": 3, "lost_attempts": 3}, (AGAIN, None, 4, False)),
        ({"outcome": Outcome.INTERRUPTED, "attempts": 6, "lost_attempts": 3}, (AGAIN, None, 30, False)),
        ({"outcome": Outcome.LEASE_LOST, "attempts": 3, "lost_attempts": 3}, (AGAIN, None, 0, False)),
        ({"failure_class": "RUNNER", "attempts": 9, "handed_back": 3}, (AGAIN, None, 4, False)),
        ({"failure_class": "RUNNER", "attempts": 9, "handed_back": 4}, (AGAIN, None, 5, False)),
    ],
)
def test_after_a_scaling(facts: dict[str, Any], expected: tuple[object, ...]) -> None:
    assert after(job_type=JobType.SCALE_WORKERS, **facts) == expected


@pytest.mark.parametrize(
    ("job_type", "outcome"),
    list(product([JobType.CREATE, JobType.SCALE_WORKERS, JobType.ORPHAN_SWEEP], Outcome)),
)
def test_what_was_cancelled_ends(job_type: JobType, outcome: Outcome) -> None:
    facts = {"job_type": job_type, "outcome": outcome, "dirty": 1, "remains": 1}
    assert after(cancel_requested=True, **facts) == CANCELLED
