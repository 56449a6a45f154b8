"""The one way a status changes: a row of the table decides, one compare-and-set writes, the audit follows."""

from typing import Any

from ocpctl_common.ids import AttemptId
from ocpctl_common.lifecycle.transitions import (
    CLUSTER_TRANSITIONS,
    JOB_TRANSITIONS,
    ClusterEvent,
    JobEvent,
    decide,
)
from ocpctl_common.store import clusters, history, jobs
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Cluster, Job, Lease

_STAMPS: dict[ClusterEvent, dict[str, Any]] = {
    ClusterEvent.ATTEMPT_AUTHORIZED: {},
    ClusterEvent.INSTALL_SUCCEEDED: {"ready": True, "stage": "ready", "progress_percent": 100, "status_reason": ""},
    ClusterEvent.INSTALL_GIVEN_UP: {"stage": "failed", "progress_percent": 0},
    ClusterEvent.SCALE_REQUESTED: {"stage": "scale requested", "progress_percent": 0, "status_reason": ""},
    ClusterEvent.WORKERS_SCALED: {"stage": "ready", "progress_percent": 100},
    ClusterEvent.SCALE_GIVEN_UP: {"stage": "ready", "progress_percent": 100},
    ClusterEvent.DESTROY_REQUESTED: {"stage": "destroy requested", "progress_percent": 0, "status_reason": ""},
    ClusterEvent.DESTROY_PROVEN: {
        "destroyed": True,
        "release_name": True,
        "resources_remaining": False,
        "stage": "destroyed",
        "progress_percent": 100,
        "status_reason": "",
    },
    ClusterEvent.REMAINS_FOUND: {
        "not_destroyed": True,
        "stage": "remains found",
        "progress_percent": 0,
        "status_reason": "Post-destroy verification found resources that were proven gone; they are being destroyed.",
    },
}


def move_cluster(
    tx: Transaction,
    cluster: Cluster,
    event: ClusterEvent,
    *,
    job: Job,
    actor: str,
    lease: Lease,
    **changes: Any,
) -> None:
    """Applies `event` to a cluster whose lease row is locked. Raises WrongState, StaleState."""
    target = decide(CLUSTER_TRANSITIONS, event, cluster.status)
    clusters.set_status(tx, cluster, target, _STAMPS[event] | changes)
    step = history.step_event(
        job,
        event,
        subject=job.id,
        fence=lease.fence,
        actor=actor,
        attempt_id=lease.attempt_id,
        from_status=cluster.status,
        to_status=target,
    )
    history.audit(tx, step)


def move_job(tx: Transaction, job: Job, event: JobEvent, **changes: Any) -> None:
    """Applies `event` to a job whose cluster's lease row is locked. Raises WrongState, StaleState."""
    target = decide(JOB_TRANSITIONS, event, job.status)
    if event in (JobEvent.SUCCEEDED, JobEvent.GIVEN_UP, JobEvent.CANCELLED):
        changes["ended"] = True
    if event is JobEvent.SUCCEEDED:  # what went wrong on the way stands with the attempts
        changes |= {"error_code": "", "error_message": ""}
    jobs.set_status(tx, job, target, changes)


def audit_step(
    tx: Transaction, job: Job, attempt_id: AttemptId | None, action: str, *, fence: int, actor: str, reason: str = ""
) -> None:
    """Audits a step that changes no cluster's status. A step that is repeated under its fence is audited once."""
    subject = attempt_id or job.id
    step = history.step_event(
        job, action, subject=subject, fence=fence, actor=actor, attempt_id=attempt_id, reason=reason
    )
    history.audit(tx, step)
