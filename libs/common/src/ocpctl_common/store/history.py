"""What is only ever added: audit events, cluster events and outputs."""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.store.engine import Transaction

# Event ids are derived from job, transition and fence, so a repeated step cannot write its event twice.
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
    """What a user watches."""

    cluster_id: ClusterId
    job_id: JobId | None
    attempt_id: AttemptId | None
    stage: str
    progress_percent: int
    message: str


def audit(tx: Transaction, event: AuditEvent) -> None:
    """Appends to the hash chain of the cluster (its lease row is locked) or of the platform."""
    tx.execute(INSERT_AUDIT, {name: getattr(event, name) for name in AuditEvent.__slots__})


def add_stage(tx: Transaction, event: StageEvent) -> None:
    """Appends a stage event."""
    tx.execute(INSERT_EVENT, {name: getattr(event, name) for name in StageEvent.__slots__})
