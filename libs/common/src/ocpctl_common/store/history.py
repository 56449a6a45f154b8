"""Audit events and stage events: rows that are appended and never changed. All audit events are built here."""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.ids import AttemptId, ClusterId, JobId, new_event_id
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Job, values_of

# A repeated step has the same id (see `step_id`), so it does not write its event twice.
INSERT_AUDIT = text("""
INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, reason, from_status, to_status, job_id,
                          attempt_id, fence, correlation_id)
VALUES (:id, :target_cluster_id, :actor, :action, :outcome, :reason, :from_status, :to_status, :job_id, :attempt_id,
        :fence, :correlation_id)
ON CONFLICT (id) DO NOTHING
""")
INSERT_EVENT = text("""
INSERT INTO cluster_events (cluster_id, job_id, attempt_id, stage, progress_percent, message)
VALUES (:cluster_id, :job_id, :attempt_id, :stage, :progress_percent, :message)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Who did what to which cluster. Never holds a secret or free text of a request."""

    id: str
    actor: str
    action: str
    target_cluster_id: ClusterId | None = None
    outcome: str = "ALLOWED"
    reason: str = ""
    from_status: str = ""
    to_status: str = ""
    job_id: JobId | None = None
    attempt_id: AttemptId | None = None
    fence: int = 0
    correlation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent:
    """A line of the progress that a user watches."""

    cluster_id: ClusterId
    job_id: JobId | None
    attempt_id: AttemptId | None
    stage: str
    progress_percent: int
    message: str


def step_id(subject: AttemptId | JobId, action: str, fence: int) -> str:
    """The id of a step's event. It is the same when the step is repeated under its fence."""
    return f"{subject}/{action}/{fence}"


def step_event(
    job: Job,
    action: str,
    *,
    subject: AttemptId | JobId,
    fence: int,
    actor: str,
    attempt_id: AttemptId | None,
    reason: str = "",
    from_status: str = "",
    to_status: str = "",
) -> AuditEvent:
    """The event of a step of a job. It is written once, even if the step is repeated."""
    return AuditEvent(
        id=step_id(subject, action, fence),
        actor=actor,
        action=action,
        target_cluster_id=job.cluster_id,
        reason=reason,
        from_status=from_status,
        to_status=to_status,
        job_id=job.id,
        attempt_id=attempt_id,
        fence=fence,
        correlation_id=job.correlation_id,
    )


def new_event(
    *,
    actor: str,
    action: str,
    correlation_id: str,
    cluster_id: ClusterId | None = None,
    job_id: JobId | None = None,
    outcome: str = "ALLOWED",
    reason: str = "",
) -> AuditEvent:
    """An event that is no step of a job. Its id is new: built again, it is another event."""
    return AuditEvent(
        id=new_event_id(),
        actor=actor,
        action=action,
        target_cluster_id=cluster_id,
        outcome=outcome,
        reason=reason,
        job_id=job_id,
        correlation_id=correlation_id,
    )


def audit(tx: Transaction, event: AuditEvent) -> None:
    """Appends to the hash chain of the event's cluster, whose lease row is locked, or of the platform."""
    tx.execute(INSERT_AUDIT, values_of(event))


def add_stage(tx: Transaction, event: StageEvent) -> None:
    """Appends to the events of the cluster; nothing is changed."""
    tx.execute(INSERT_EVENT, values_of(event))
