"""The rows of the job kinds and the run modes, word by word."""

from itertools import product

import pytest
from ocpctl_common.lifecycle.job_kinds import KINDS, owners, run_of
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import ClusterStatus, JobType, RunMode

# Kind: the rule, the longest pause, what its end does to the cluster, whether it is listed and destroys.
ROWS = {
    "CREATE": ("INSTALL", 30, "INSTALL_SUCCEEDED", "INSTALL_GIVEN_UP", True, False),
    "DESTROY": ("DESTROY", 240, "DESTROY_PROVEN", None, True, True),
    "SCALE_WORKERS": ("ONCE", 30, "WORKERS_SCALED", "SCALE_GIVEN_UP", True, False),
    "JANITOR_DESTROY": ("DESTROY", 240, "DESTROY_PROVEN", None, True, True),
    "ORPHAN_SWEEP": ("VERIFY", 240, "DESTROY_PROVEN", None, False, False),
}
# Mode: the account's concurrency limit, the older attempts and the outputs that it is given, its own work, may create.
MODES = {
    "INSTALL": (Pool.CREATES, "NEEDS_CLEANUP", False, True, True),
    "CLEANUP": (Pool.DESTROYS, "NEEDS_CLEANUP", False, False, False),
    "SWEEP": (Pool.DESTROYS, "TO_VERIFY", False, False, False),
    "SCALE": (None, "NONE", True, True, False),
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
    row = (kind.rule.name, kind.pause_cap, kind.succeeded, kind.given_up, kind.listed, kind.destroys)
    assert row == ROWS[job_type]


@pytest.mark.parametrize("mode", RunMode)
def test_mode(mode: RunMode) -> None:
    row = RUNS[mode]
    assert (row.limit, row.older.name, row.outputs, row.own_work, row.may_create) == MODES[mode]


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
