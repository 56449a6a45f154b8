"""What people may ask for in which state."""

from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.errors import OcpctlError, WrongState
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus, JobType
from ocpctl_common.store import jobs
from ocpctl_scheduler import destroying, extending
from ocpctl_scheduler.extending import Extension

from tests.unit.scheduler.scheduled import CLUSTER, JOB, MAY, TX, told


def extension(hours: int) -> Extension:
    return Extension(cluster_id=ClusterId("clu_1"), hours=hours, max_ttl_hours=72, correlation_id="c")


@pytest.mark.parametrize("status", ClusterStatus)
def test_in_which_state(status: ClusterStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = replace(CLUSTER, status=status)
    extended, cancelled, cancelled_again, retried = MAY[status]
    assert told(extending._check, cluster, extension(1)) == ("" if extended else "WRONG_STATE")
    for before, may in ((False, cancelled), (True, cancelled_again)):
        monkeypatch.setattr(jobs, "create_cancelled", lambda tx, cluster_id, before=before: before)
        assert told(destroying._check_creating, TX, cluster) == ("" if may else "NOT_CREATING")
    assert told(destroying._check_stuck, TX, cluster) == ("" if retried else "NOTHING_TO_RETRY")


@pytest.mark.parametrize(
    ("hours", "reason"), [(1, ""), (47, ""), (48, ""), (49, "TTL_ABOVE_MAXIMUM"), (100, "TTL_ABOVE_MAXIMUM")]
)
def test_how_far_a_time_to_live_may_be_extended(hours: int, reason: str) -> None:
    """It has 24 hours, and 72 are the most."""
    assert told(extending._check, CLUSTER, extension(hours)) == reason


def test_what_an_extension_would_make_is_told() -> None:
    with pytest.raises(OcpctlError, match=r"^hours: makes 73 hours; the cluster's profile allows 72$"):
        extending._check(CLUSTER, extension(49))


# Job kind: whether it destroys a cluster that lives, and one that is DESTROYING.
DESTROYS = {
    "CREATE": (False, False),
    "SCALE_WORKERS": (False, False),
    "DESTROY": (True, True),
    "JANITOR_DESTROY": (True, True),
    "ORPHAN_SWEEP": (False, True),
}


@pytest.mark.parametrize("job_type", DESTROYS)
def test_which_job_destroys(job_type: str) -> None:
    job = replace(JOB, job_type=JobType(job_type))
    found = (
        destroying.destroys(job, replace(CLUSTER, status=ClusterStatus(status))) for status in ("READY", "DESTROYING")
    )
    assert tuple(found) == DESTROYS[job_type]


@pytest.mark.parametrize("status", [JobStatus.PENDING, JobStatus.RETRYING, JobStatus.RUNNING])
def test_how_a_job_is_cancelled(status: JobStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that runs is told; one that waits ends."""
    written: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(jobs, "set_status", lambda tx, job, to, changes: written.append((to, changes)))
    destroying.cancel(TX, replace(JOB, status=status))
    running = status is JobStatus.RUNNING
    assert written == [("RUNNING", {"cancel_requested": True}) if running else ("CANCELLED", {"ended": True})]


def test_an_extension_that_comes_too_late_says_of_which_clusters_it_is_possible() -> None:
    with pytest.raises(WrongState, match=r"is DESTROYED; only PENDING, CREATING, READY, SCALING can be extended$"):
        extending._check(replace(CLUSTER, status=ClusterStatus.DESTROYED), extension(1))
