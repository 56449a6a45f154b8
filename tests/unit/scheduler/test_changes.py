"""What each event writes besides the status, word by word."""

from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.store import clusters, history, jobs
from ocpctl_scheduler.changes import audit_step, move_cluster, move_job

from tests.unit.scheduler.scheduled import CLUSTER, JOB, LEASE, TX

BEGUN: dict[str, Any] = {"progress_percent": 0, "status_reason": ""}
AT_REST: dict[str, Any] = {"stage": "ready", "progress_percent": 100}
REMAINS = "Post-destroy verification found resources that were proven gone; they are being destroyed."
GONE: dict[str, Any] = {"destroyed": True, "release_name": True, "resources_remaining": False, "stage": "destroyed"}
# Event: the status before and after it, and what it writes.
CLUSTER_CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ATTEMPT_AUTHORIZED": ("PENDING", "CREATING", {}),
    "INSTALL_SUCCEEDED": ("CREATING", "READY", {"ready": True, "status_reason": ""} | AT_REST),
    "INSTALL_GIVEN_UP": ("CREATING", "FAILED", {"stage": "failed", "progress_percent": 0}),
    "SCALE_REQUESTED": ("READY", "SCALING", {"stage": "scale requested"} | BEGUN),
    "WORKERS_SCALED": ("SCALING", "READY", AT_REST),
    "SCALE_GIVEN_UP": ("SCALING", "READY", AT_REST),
    "DESTROY_REQUESTED": ("READY", "DESTROYING", {"stage": "destroy requested"} | BEGUN),
    "DESTROY_PROVEN": ("DESTROYING", "DESTROYED", GONE | {"progress_percent": 100, "status_reason": ""}),
    "REMAINS_FOUND": (
        "DESTROYED",
        "DESTROYING",
        {"not_destroyed": True, "stage": "remains found", "progress_percent": 0, "status_reason": REMAINS},
    ),
}
ENDED: dict[str, Any] = {"ended": True}
JOB_CHANGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ACQUIRED": ("PENDING", "RUNNING", {}),
    "SUCCEEDED": ("RUNNING", "SUCCEEDED", ENDED | {"error_code": "", "error_message": ""}),
    "TO_BE_RETRIED": ("RUNNING", "RETRYING", {}),
    "GIVEN_UP": ("RUNNING", "FAILED", ENDED),
    "CANCELLED": ("RETRYING", "CANCELLED", ENDED),
}


@pytest.mark.parametrize("event", ClusterEvent)
def test_of_a_cluster(event: ClusterEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, changes = CLUSTER_CHANGES[event]
    written: list[object] = []
    monkeypatch.setattr(clusters, "set_status", lambda tx, cluster, to, what: written.append((to, what)))
    monkeypatch.setattr(history, "audit", lambda tx, what: written.append(what))
    cluster = replace(CLUSTER, status=ClusterStatus(before))
    move_cluster(TX, cluster, event, job=JOB, actor="x", lease=LEASE, more=1)
    audit = history.AuditEvent(
        id=f"job_1/{event}/3",
        actor="x",
        action=event,
        target_cluster_id=CLUSTER.id,
        from_status=ClusterStatus(before),
        to_status=ClusterStatus(after),
        job_id=JOB.id,
        attempt_id=LEASE.attempt_id,
        fence=3,
        correlation_id="cor_1",
    )
    assert written == [(after, changes | {"more": 1}), audit]


@pytest.mark.parametrize("event", JobEvent)
def test_of_a_job(event: JobEvent, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, changes = JOB_CHANGES[event]
    written: list[object] = []
    monkeypatch.setattr(jobs, "set_status", lambda tx, job, to, what: written.append((to, what)))
    move_job(TX, replace(JOB, status=JobStatus(before)), event, error_code="X")
    assert written == [(after, {"error_code": "X"} | changes)]


@pytest.mark.parametrize(("attempt_id", "whose"), [("att_1", "att_1"), (None, "job_1")])
def test_a_step_is_audited_once_under_its_fence(attempt_id: Any, whose: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[history.AuditEvent] = []
    monkeypatch.setattr(history, "audit", lambda tx, what: written.append(what))
    audit_step(TX, JOB, attempt_id, "ATTEMPT_ENDED", fence=9, actor="x")
    assert [(event.id, event.reason, event.fence) for event in written] == [(f"{whose}/ATTEMPT_ENDED/9", "", 9)]
