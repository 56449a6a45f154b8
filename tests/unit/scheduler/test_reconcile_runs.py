"""What is repaired of leases, runs and attempts that nobody works on; whoever has the lease keeps it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.ids import AttemptId, JobId
from ocpctl_common.lifecycle.states import JobStatus
from ocpctl_common.store import attempts, jobs, leases, outbox
from ocpctl_common.store.rows import Lease
from ocpctl_scheduler import reconcile
from ocpctl_scheduler.reconcile import ORPHANED, _Repair

from tests.unit.scheduler.scheduled import ATTEMPT, FREE, JOB, LEASE, NOW, RULES, TX

Done = list[object]


def repair(lease: Lease = FREE) -> _Repair:
    return _Repair(tx=TX, rules=RULES, lease=lease)


@pytest.mark.parametrize("dead", [True, False])
def test_a_lease_is_freed_only_when_it_is_dead(dead: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    done: Done = []

    def lock_dead(tx: Any, cluster_id: Any, **words: Any) -> Lease | None:
        done.append(words)
        return LEASE if dead else None

    monkeypatch.setattr(leases, "lock_dead", lock_dead)
    monkeypatch.setattr(leases, "free", lambda tx, lease, **words: done.append((lease, words)))
    assert reconcile._free(repair(LEASE)) == ("" if dead else "NOT_DEAD")
    asked = {"fence": 3, "quarantine_seconds": 60}
    assert done == ([asked, (LEASE, {"advance_fence": True})] if dead else [asked])


# Status, whether it was cancelled, whether it holds the lease: what is done.
RETRIED = {
    ("RUNNING", False, False): ["TO_BE_RETRIED", {"pause_seconds": 0}, "redispatch of it as it is now"],
    ("RUNNING", True, False): ["CANCELLED", {}],
    ("RUNNING", False, True): [],
    ("RUNNING", True, True): [],
    ("PENDING", False, False): [],
    ("PENDING", True, True): [],
    ("RETRYING", False, False): [],
    ("RETRYING", True, False): [],
    ("RETRYING", False, True): [],
}


@pytest.mark.parametrize("row", RETRIED)
def test_a_run_that_nobody_does_is_done_again(row: tuple[str, bool, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    status, cancelled, holds = row
    done: Done = []
    other = JobId("job_other")
    job = replace(JOB, status=JobStatus(status), cancel_requested_at=NOW if cancelled else None)
    now = replace(job, error_message="as it is now")
    monkeypatch.setattr(jobs, "open_jobs", lambda tx, cluster_id: [job])
    monkeypatch.setattr(jobs, "get", lambda tx, job_id: now)
    monkeypatch.setattr(reconcile, "move_job", lambda tx, job, event, **changes: done.extend((event, changes)))
    monkeypatch.setattr(outbox, "redispatch", lambda tx, job: done.append(f"redispatch of it {job.error_message}"))
    assert reconcile._retry(repair(LEASE if holds else replace(LEASE, job_id=other))) == ""
    assert done == RETRIED[row]


def test_each_of_the_open_jobs_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that holds the lease hides no other."""
    done: Done = []
    found = [replace(JOB, id=JobId(name), cancel_requested_at=NOW) for name in ("job_0", JOB.id, "job_2")]
    monkeypatch.setattr(jobs, "open_jobs", lambda tx, cluster_id: found)
    monkeypatch.setattr(reconcile, "move_job", lambda tx, job, event: done.append(job.id))
    assert reconcile._retry(repair(LEASE)) == ""
    assert done == ["job_0", "job_2"]


@pytest.mark.parametrize(("lease", "ended"), [(LEASE, ["att_0", "att_2"]), (FREE, ["att_0", "att_1", "att_2"])])
def test_attempts_without_the_lease_have_ended(
    lease: Lease, ended: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: Done = []
    running = [replace(ATTEMPT, id=AttemptId(name)) for name in ("att_0", "att_1", "att_2")]
    monkeypatch.setattr(attempts, "not_ended", lambda tx, cluster_id: running)
    monkeypatch.setattr(
        attempts, "end", lambda tx, cluster_id, attempt_id, how: done.append((attempt_id, how.outcome, how.message))
    )
    assert reconcile._end_attempts(repair(lease)) == ""
    assert done == [(name, "LEASE_LOST", ORPHANED) for name in ended]
