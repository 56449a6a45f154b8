"""What follows each end of a destroy, a post-destroy verification and a scaling, row by row; and of a cancelled job."""

from itertools import product
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import JobType, Outcome

from tests.unit.lifecycle.ends import AGAIN, END, after

DESTROYED = ("SUCCEEDED", "DESTROY_PROVEN", 0, False)
CANCELLED = ("CANCELLED", None, 0, False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"outcome": Outcome.SUCCEEDED}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "cancel_requested": True}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "needing_cleanup": 1, "cleanup_runs": 1}, (AGAIN, None, 1, False)),
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
        ({"outcome": Outcome.SUCCEEDED, "needing_cleanup": 1}, ("SUCCEEDED", None, 0, False)),
        ({"outcome": Outcome.SUCCEEDED, "remains": 1, "cleanup_runs": 2}, (AGAIN, None, 2, False)),
        ({"outcome": Outcome.SUCCEEDED, "destroying": True}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "destroying": True, "remains": 1}, DESTROYED),
        ({"outcome": Outcome.SUCCEEDED, "destroying": True, "needing_cleanup": 1}, (AGAIN, None, 1, False)),
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
    facts = {"job_type": job_type, "outcome": outcome, "needing_cleanup": 1, "remains": 1}
    assert after(cancel_requested=True, **facts) == CANCELLED
