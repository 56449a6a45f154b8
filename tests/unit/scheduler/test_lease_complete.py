"""What the end of an attempt is told as, counts for, and changes."""

import random
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.lifecycle.retries import AttemptEnd, Verdict
from ocpctl_common.lifecycle.states import ClusterStatus, JobType, Outcome, RunMode
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.store.attempts import End
from ocpctl_common.store.concurrency_limits import ConcurrencyPool
from ocpctl_common.store.rows import Cluster
from ocpctl_scheduler import lease_complete
from ocpctl_scheduler.lease_complete import Ended, _Completion

from tests.unit.scheduler.scheduled import ATTEMPT, CLUSTER, JOB, LEASE, NOW, RULES, TX

FAILED = End(outcome=Outcome.FAILED, failure_class="DNS", message="no zone")


def ends(how: End = FAILED, mode: RunMode = RunMode.INSTALL, cluster: Cluster = CLUSTER, **job: Any) -> _Completion:
    attempt = replace(ATTEMPT, mode=mode)
    ended = Ended(attempt_id=attempt.id, how=how)
    return _Completion(lease=LEASE, cluster=cluster, job=replace(JOB, **job), attempt=attempt, ended=ended, actor="x")


# Outcome, failure class and mode: what it adds to the attempts that were lost.
LOST = {
    ("LEASE_LOST", "", "INSTALL"): 1,
    ("INTERRUPTED", "", "INSTALL"): 1,
    ("LEASE_LOST", "", "SCALE"): 1,
    ("FAILED", "RUNNER", "INSTALL"): 1,
    ("FAILED", "RUNNER", "SCALE"): 1,
    ("FAILED", "DNS", "INSTALL"): 0,
    ("SUCCEEDED", "", "INSTALL"): 0,
    ("CANCELLED", "", "SCALE"): 0,
    ("LEASE_LOST", "", "CLEANUP"): 0,
    ("LEASE_LOST", "", "SWEEP"): 0,
    ("FAILED", "RUNNER", "CLEANUP"): 0,
}


@pytest.mark.parametrize("row", LOST)
def test_what_counts_as_lost(row: tuple[str, str, str]) -> None:
    how = End(outcome=Outcome(row[0]), failure_class=row[1])
    one = ends(how, RunMode(row[2]), lost_attempts=5)
    assert one.lost_attempts == 5 + LOST[row]
    assert one.tries is (row[2] in {"INSTALL", "SCALE"})


@pytest.mark.parametrize(
    ("account", "mode", "key"),
    [
        ("123456789012", RunMode.INSTALL, "123456789012/us-east-1/creates"),
        ("123456789012", RunMode.CLEANUP, "123456789012/us-east-1/destroys"),
        ("123456789012", RunMode.SWEEP, "123456789012/us-east-1/destroys"),
        (None, RunMode.INSTALL, None),
    ],
)
def test_whose_budget_is_free(account: str | None, mode: RunMode, key: str | None) -> None:
    pool = lease_complete._pool(replace(ATTEMPT, account_id=account, mode=mode), "aws")
    assert (pool.key if isinstance(pool, ConcurrencyPool) else None) == key


@pytest.mark.parametrize(
    ("cancelled", "found", "status"), [(None, 0, "DESTROYING"), (NOW, 1, "CREATING"), (NOW, 2, "DESTROYING")]
)
def test_the_facts(cancelled: Any, found: int, status: str) -> None:
    left = [replace(ATTEMPT, found_again=number < found) for number in range(3)]
    cluster = replace(CLUSTER, status=ClusterStatus(status))
    one = ends(cluster=cluster, cancel_requested_at=cancelled, given_up=True)
    assert lease_complete._facts(one, left, handed_back=2) == AttemptEnd(
        job_type=JobType.CREATE,
        outcome=Outcome.FAILED,
        failure_class="DNS",
        cancel_requested=cancelled is not None,
        given_up=True,
        needing_cleanup=3,
        remains=found,
        attempts=2,
        max_attempts=3,
        lost_attempts=1,
        cleanup_runs=4,
        destroying=status == "DESTROYING",
        handed_back=2,
    )


ERROR = {"lost_attempts": 1, "error_code": "DNS", "error_message": "no zone"}
LOST_ERROR = {"lost_attempts": 2, "error_code": "LEASE_LOST", "error_message": "gone"}
AGAIN = Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=4)


@pytest.mark.parametrize(
    ("how", "verdict", "changes"),
    [
        (FAILED, Verdict(job_event=JobEvent.GIVEN_UP), ERROR),
        (FAILED, Verdict(job_event=JobEvent.GIVEN_UP, give_up=True), ERROR | {"given_up": True}),
        (FAILED, AGAIN, ERROR | {"pause_seconds": 120}),
        (FAILED, replace(AGAIN, give_up=True), ERROR | {"pause_seconds": 120, "given_up": True}),
        (FAILED, replace(AGAIN, pause_units=0), ERROR | {"pause_seconds": 0}),
        (End(outcome=Outcome.LEASE_LOST, message="gone"), AGAIN, LOST_ERROR | {"pause_seconds": 120}),
        (End(outcome=Outcome.SUCCEEDED), Verdict(job_event=JobEvent.SUCCEEDED), {"lost_attempts": 1}),
    ],
)
def test_what_is_written_of_the_job(
    how: End, verdict: Verdict, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    between: list[tuple[float, float]] = []

    def half(minimum: float, limit: float) -> float:
        between.append((minimum, limit))
        return 0.5

    monkeypatch.setattr(lease_complete, "move_job", lambda tx, job, event, **what: written.append((event, what)))
    monkeypatch.setattr(random, "uniform", half)
    lease_complete._apply_to_job(TX, RULES, ends(how), verdict)
    assert written == [(verdict.job_event, changes)]
    assert between == ([(0.8, 1.2)] if "pause_seconds" in changes else [])


# Event, attempts that still need cleanup: what changes of the cluster.
NOTHING: dict[str, Any] = {}
CHANGES = {
    ("INSTALL_GIVEN_UP", 0): {"status_reason": "no zone", "resources_remaining": False, "release_name": True},
    ("INSTALL_GIVEN_UP", 1): {"status_reason": "no zone", "resources_remaining": True, "release_name": False},
    ("INSTALL_GIVEN_UP", 2): {"status_reason": "no zone", "resources_remaining": True, "release_name": False},
    ("WORKERS_SCALED", 1): {"worker_replicas": 5, "hourly_cost_micros": 99},
    ("SCALE_GIVEN_UP", 1): {"status_reason": "no zone"},
    ("INSTALL_SUCCEEDED", 1): NOTHING,
    ("DESTROY_PROVEN", 0): NOTHING,
}


@pytest.mark.parametrize("row", CHANGES)
def test_what_changes_of_the_cluster(row: tuple[str, int]) -> None:
    assert lease_complete._changes(ends(), ClusterEvent(row[0]), row[1]) == CHANGES[row]


def test_an_end_without_words_tells_the_trouble_before_it() -> None:
    silent = ends(End(outcome=Outcome.FAILED))
    assert lease_complete._changes(silent, ClusterEvent.SCALE_GIVEN_UP, 0) == {"status_reason": "an older trouble"}
