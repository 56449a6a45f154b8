"""The rows of the job kinds and the run modes, word by word."""

from datetime import timedelta
from itertools import product

import pytest
from ocpctl_common.lifecycle.job_kinds import KINDS, owners, run_of
from ocpctl_common.lifecycle.retries import lease_deadline, run_deadline
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import ClusterStatus, JobType, RunMode

# Kind: its runs before and after it was given up, attempts, the longest pause, the rule, what its end does to the
# cluster, whether it is listed and whether it destroys.
ROWS = {
    "CREATE": ("INSTALL", "CLEANUP", 3, 30, "INSTALL", "INSTALL_SUCCEEDED", "INSTALL_GIVEN_UP", True, False),
    "DESTROY": ("CLEANUP", "CLEANUP", 0, 240, "DESTROY", "DESTROY_PROVEN", None, True, True),
    "SCALE_WORKERS": ("SCALE", "SCALE", 1, 30, "ONCE", "WORKERS_SCALED", "SCALE_GIVEN_UP", True, False),
    "JANITOR_DESTROY": ("CLEANUP", "CLEANUP", 0, 240, "DESTROY", "DESTROY_PROVEN", None, True, True),
    "ORPHAN_SWEEP": ("SWEEP", "SWEEP", 0, 240, "VERIFY", "DESTROY_PROVEN", None, False, False),
}
# Mode: what it counts as, its queue, the account's concurrency limit, the older attempts and the outputs that it is
# given, its own work, may create.
MODES = {
    "INSTALL": ("attempt", "creates", "creates", "NEEDS_CLEANUP", False, True, True),
    "CLEANUP": ("cleanup_runs", "destroys", "destroys", "NEEDS_CLEANUP", False, False, False),
    "SWEEP": ("cleanup_runs", "destroys", "destroys", "TO_VERIFY", False, False, False),
    "SCALE": ("attempt", "creates", None, "NONE", True, True, False),
}
# The minutes of a run, and those that a lease may be renewed with no, one or two older attempts.
MINUTES = {
    "INSTALL": (210, 290, 360, 430),
    "CLEANUP": (60, 10, 80, 150),
    "SWEEP": (60, 10, 80, 150),
    "SCALE": (30, 40, 40, 40),
}
OWNERS = {
    "PENDING": {"CREATE"},
    "CREATING": {"CREATE"},
    "SCALING": {"SCALE_WORKERS"},
    "DESTROYING": {"DESTROY", "JANITOR_DESTROY", "ORPHAN_SWEEP"},
}


@pytest.mark.parametrize("job_type", JobType)
def test_kind(job_type: JobType) -> None:
    kind = KINDS[job_type]
    runs = tuple(run_of(job_type, given_up=given_up).mode for given_up in (False, True))
    end = (kind.rule.name, kind.succeeded, kind.given_up)
    assert (*runs, kind.max_attempts, kind.pause_cap, *end, kind.listed, kind.destroys) == ROWS[job_type]


@pytest.mark.parametrize("mode", RunMode)
def test_mode(mode: RunMode) -> None:
    row = RUNS[mode]
    given = (row.older.name, row.outputs)
    assert (row.counts, row.queue, row.limit, *given, row.own_work, row.may_create) == MODES[mode]


@pytest.mark.parametrize("mode", RunMode)
def test_how_long_a_run_and_a_lease_may_take(mode: RunMode) -> None:
    times = (run_deadline(mode), *(lease_deadline(mode, older) for older in (0, 1, 2)))
    assert times == tuple(timedelta(minutes=minutes) for minutes in MINUTES[mode])


@pytest.mark.parametrize("status", ClusterStatus)
def test_which_job_ends_a_status(status: ClusterStatus) -> None:
    assert set(owners(status)) == OWNERS.get(status, set())


def test_work_that_lost_its_job_can_be_given_up() -> None:
    for kind, status in product(KINDS.values(), ClusterStatus):
        if status in kind.owns and status is not ClusterStatus.DESTROYING:
            assert kind.given_up, kind.job_type


def test_only_what_is_counted_may_create() -> None:
    for job_type, given_up in product(JobType, (False, True)):
        assert run_of(job_type, given_up=given_up).may_create is (job_type is JobType.CREATE and not given_up)
