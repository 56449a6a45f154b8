"""Pauses, deadlines, and what the next run of a job does, in numbers."""

from datetime import timedelta

import pytest
from ocpctl_common.lifecycle.retries import lease_deadline, max_attempts, pause, run_deadline, run_mode
from ocpctl_common.lifecycle.states import JobType, RunMode

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


RUNS = {"INSTALL": 210, "CLEANUP": 60, "SWEEP": 60, "SCALE": 30}
# The minutes that a lease may be renewed, when no, one or two older attempts are to be cleaned up.
LEASES = {"INSTALL": (290, 360, 430), "CLEANUP": (10, 80, 150), "SWEEP": (10, 80, 150), "SCALE": (40, 40, 40)}


@pytest.mark.parametrize("mode", RunMode)
def test_how_long_a_run_and_a_lease_may_take(mode: RunMode) -> None:
    assert run_deadline(mode) == timedelta(minutes=RUNS[mode])
    leases = tuple(lease_deadline(mode, older) for older in (0, 1, 2))
    assert leases == tuple(timedelta(minutes=minutes) for minutes in LEASES[mode])


# What the next run does, before and after the create was given up.
MODES = {
    "CREATE": ("INSTALL", "CLEANUP"),
    "DESTROY": ("CLEANUP", "CLEANUP"),
    "JANITOR_DESTROY": ("CLEANUP", "CLEANUP"),
    "SCALE_WORKERS": ("SCALE", "SCALE"),
    "ORPHAN_SWEEP": ("SWEEP", "SWEEP"),
}
ATTEMPTS = {"CREATE": 3, "SCALE_WORKERS": 1, "DESTROY": 0, "JANITOR_DESTROY": 0, "ORPHAN_SWEEP": 0}


@pytest.mark.parametrize("job_type", JobType)
def test_what_a_job_does_and_how_often(job_type: JobType) -> None:
    assert (run_mode(job_type, given_up=False), run_mode(job_type, given_up=True)) == MODES[job_type]
    assert max_attempts(job_type) == ATTEMPTS[job_type]
