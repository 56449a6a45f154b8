"""Who gets a lease, who may create, who only waits."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from ocpctl_common.errors import Refused
from ocpctl_common.ids import AttemptId
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus, RunMode
from ocpctl_common.store import attempts, clusters, jobs, leases
from ocpctl_scheduler import lease_acquire, lease_renew
from ocpctl_scheduler.lease_acquire import LeaseRequester, NotGranted
from ocpctl_scheduler.lease_renew import Holder

from tests.unit.scheduler.scheduled import ATTEMPT, CLUSTER, JOB, LEASE, NOW, TX

SAME, OTHER_RUNNER, OTHER_TOKEN = ("runner-1", "t1"), ("runner-2", "t1"), ("runner-1", "t2")
AGAIN, BUSY = "the same grant", NotGranted(reason="ALREADY_RUNNING")
LATER, DROP = NotGranted(reason="LEASE_HELD", later=True), NotGranted(reason="LEASE_HELD")


@pytest.mark.parametrize(
    ("who", "lease", "job", "expected"),
    [
        (SAME, {}, {}, AGAIN),
        (SAME, {"expired": True}, {}, AGAIN),
        (OTHER_RUNNER, {}, {}, BUSY),
        (OTHER_TOKEN, {}, {}, BUSY),
        (OTHER_TOKEN, {"expired": True}, {"status": JobStatus.RUNNING}, DROP),
        (OTHER_TOKEN, {"expired": True}, {"status": JobStatus.RETRYING}, LATER),
        (OTHER_TOKEN, {"job_id": "job_2"}, {"status": JobStatus.PENDING}, LATER),
        (OTHER_TOKEN, {"job_id": "job_2"}, {"status": JobStatus.CANCELLED}, DROP),
        (SAME, {"attempt_id": None, "job_id": "job_2"}, {"status": JobStatus.PENDING}, LATER),
    ],
)
def test_a_held_lease(
    who: tuple[str, str], lease: dict[str, Any], job: dict[str, Any], expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_acquire, "_again", lambda *words: AGAIN)
    requester = LeaseRequester(runner=who[0], token=who[1])
    assert lease_acquire._held(TX, replace(LEASE, **lease), replace(JOB, **job), requester) == expected


NOT_DUE = NotGranted(reason="NOT_DUE", later=True)


@pytest.mark.parametrize(
    ("status", "due", "expected"),
    [
        ("PENDING", True, None),
        ("PENDING", False, NOT_DUE),
        ("RETRYING", True, None),
        ("RETRYING", False, NOT_DUE),
        *((status, True, NotGranted(reason=f"JOB_{status}")) for status in ("RUNNING", "SUCCEEDED", "FAILED")),
        ("CANCELLED", False, NotGranted(reason="JOB_CANCELLED")),
    ],
)
def test_a_free_lease(status: str, due: bool, expected: NotGranted | None) -> None:
    assert lease_acquire._not_now(replace(JOB, status=JobStatus(status), due=due)) == expected


@pytest.mark.parametrize(("mode", "name", "count"), [("INSTALL", "attempt", 3), ("CLEANUP", "cleanup_runs", 5)])
def test_what_a_run_counts(mode: str, name: str, count: int) -> None:
    assert lease_acquire._counters(JOB, RUNS[RunMode(mode)]) == {name: count, "silent_rings": 0, "waits_for": ""}


@pytest.mark.parametrize(
    ("attempt", "job", "needing_cleanup", "reason"),
    [
        ({}, {}, ["att_1"], ""),
        ({}, {}, [], ""),
        ({"mode": RunMode.CLEANUP}, {}, [], "NOT_AN_INSTALL"),
        ({"mode": RunMode.SCALE}, {}, [], "NOT_AN_INSTALL"),
        ({}, {"cancel_requested_at": NOW}, [], "CANCELLED"),
        ({}, {"status": JobStatus.CANCELLED}, [], "CANCELLED"),
        ({}, {"status": JobStatus.RETRYING}, [], "CANCELLED"),
        ({}, {}, ["att_0", "att_1"], "NEEDS_CLEANUP"),
        ({}, {}, ["att_0"], "NEEDS_CLEANUP"),
    ],
)
def test_the_gate_before_money(
    attempt: dict[str, Any],
    job: dict[str, Any],
    needing_cleanup: list[str],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = [replace(ATTEMPT, id=AttemptId(name)) for name in needing_cleanup]
    monkeypatch.setattr(attempts, "needing_cleanup", lambda tx, cluster_id: left)
    told = ""
    try:
        lease_renew._check_gate(TX, replace(JOB, **job), replace(ATTEMPT, **attempt))
    except Refused as refused:
        told = refused.reason
    assert told == reason


@pytest.mark.parametrize(("attempt_id", "refused"), [("att_1", False), ("att_2", True)])
def test_only_the_running_attempt_speaks(attempt_id: str, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "lock_held", lambda tx, cluster_id, **words: LEASE)
    holder = Holder(cluster_id=CLUSTER.id, fence=3, runner="runner-1")
    if refused:
        with pytest.raises(Refused) as told:
            lease_renew.lock_running(TX, holder, AttemptId(attempt_id))
        assert told.value.reason == "OTHER_ATTEMPT"
    else:
        assert lease_renew.lock_running(TX, holder, AttemptId(attempt_id)) is LEASE


# Status, and whether anything is said to remain: what a find makes DESTROYING again.
REOPENED = {("DESTROYED", True), ("DESTROYED", False), ("FAILED", False)}


@pytest.mark.parametrize("row", list(product(ClusterStatus, (True, False))))
def test_what_a_find_reopens(row: tuple[ClusterStatus, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    cluster = replace(CLUSTER, status=row[0], resources_remaining=row[1])
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: cluster)
    monkeypatch.setattr(jobs, "get", lambda tx, job_id: JOB)
    monkeypatch.setattr(lease_renew, "move_cluster", lambda tx, cluster, event, **words: moved.append(event))
    lease_renew._reopen(TX, LEASE, "runner-1")
    assert moved == (["REMAINS_FOUND"] if row in REOPENED else [])
