"""Jobs: opened, read under the cluster's lease lock, changed by compare-and-set only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ocpctl_common.errors import NotFound, StaleState
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.states import OPEN_JOBS, JobStatus, JobType
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals
from ocpctl_common.store.rows import Job, read, values_of

_COLUMNS = """
SELECT id, cluster_id, job_type, status, revision, attempt, max_attempts, lost_attempts, cleanup_runs, given_up,
       run_after <= clock_timestamp() AS due, dispatch_no, cancel_requested_at, silent_rings, waits_for,
       worker_replicas, hourly_cost_micros, error_message, correlation_id, traceparent
FROM jobs
"""
SELECT = text(_COLUMNS + " WHERE id = :job_id")
SELECT_OPEN = text(_COLUMNS + f" WHERE cluster_id = :cluster_id AND status IN {literals(OPEN_JOBS)} ORDER BY id")
SELECT_LAST = text(_COLUMNS + " WHERE cluster_id = :cluster_id ORDER BY id DESC LIMIT 1")
INSERT = text("""
INSERT INTO jobs (id, cluster_id, job_type, max_attempts, requested_by, correlation_id, traceparent, worker_replicas,
                  hourly_cost_micros, team)
VALUES (:id, :cluster_id, :job_type, :max_attempts, :requested_by, :correlation_id, :traceparent, :worker_replicas,
        :hourly_cost_micros, (SELECT team FROM clusters WHERE id = :cluster_id))
""")
CREATE_CANCELLED = text("""
SELECT EXISTS (SELECT 1 FROM jobs WHERE cluster_id = :cluster_id AND job_type = 'CREATE'
               AND (status = 'CANCELLED' OR cancel_requested_at IS NOT NULL))
""")
SET_BLOCKER = text("UPDATE jobs SET error_code = 'BLOCKED', error_message = :blocker WHERE id = :job_id")

_PLAIN = (
    "attempt",
    "lost_attempts",
    "cleanup_runs",
    "given_up",
    "error_code",
    "error_message",
    "dispatch_no",
    "silent_rings",
    "waits_for",
)
_STAMPS = {
    "started": "started_at = coalesce(started_at, clock_timestamp())",
    "ended": "ended_at = clock_timestamp()",
    "redispatched": "last_rung_at = clock_timestamp()",
    "cancel_requested": "cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())",
    "pause_seconds": "run_after = clock_timestamp() + make_interval(secs => :pause_seconds)",
    "deadline_seconds": "deadline_at = clock_timestamp() + make_interval(secs => :deadline_seconds)",
}
_SECONDS = ("pause_seconds", "deadline_seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to open; it is due at once. The last two are the goal of SCALE_WORKERS: workers, and their hour's price."""

    id: JobId
    cluster_id: ClusterId
    job_type: JobType
    requested_by: str
    correlation_id: str
    traceparent: str
    worker_replicas: int | None = None
    hourly_cost_micros: int | None = None


def insert(tx: Transaction, job: NewJob) -> None:
    """Stores a job that nobody is told of; `outbox.open_job` does both."""
    tx.execute(INSERT, values_of(job) | {"max_attempts": KINDS[job.job_type].max_attempts})


def get(tx: Transaction, job_id: JobId) -> Job:
    """The job; call with its cluster's lease row locked. Raises NotFound."""
    row = tx.execute(SELECT, {"job_id": job_id}).one_or_none()
    if row is None:
        raise NotFound(f"no job {job_id}")
    return read(Job, row)


def open_jobs(tx: Transaction, cluster_id: ClusterId) -> list[Job]:
    """Jobs of the cluster that have not ended, oldest first."""
    return [read(Job, row) for row in tx.execute(SELECT_OPEN, {"cluster_id": cluster_id})]


def last(tx: Transaction, cluster_id: ClusterId) -> Job | None:
    """The newest job of the cluster, open or not."""
    row = tx.execute(SELECT_LAST, {"cluster_id": cluster_id}).one_or_none()
    return None if row is None else read(Job, row)


def create_cancelled(tx: Transaction, cluster_id: ClusterId) -> bool:
    """Whether the cluster's create was cancelled, also when its run has not ended yet."""
    return bool(tx.execute(CREATE_CANCELLED, {"cluster_id": cluster_id}).scalar_one())


def set_blocker(tx: Transaction, job_id: JobId, blocker: str) -> None:
    """What a running job waits for, for its owner to read; not a state change."""
    tx.execute(SET_BLOCKER, {"job_id": job_id, "blocker": blocker})


def set_status(tx: Transaction, job: Job, status: JobStatus, changes: Mapping[str, Any]) -> None:
    """Compare-and-set of status and revision together with `changes` (names: see _PLAIN and _STAMPS).

    Raises StaleState.
    """
    assignments = [f"{name} = :{name}" for name in _PLAIN if name in changes]
    assignments += [assignment for name, assignment in _STAMPS.items() if changes.get(name) is not None]
    statement = text(
        "UPDATE jobs SET status = :to_status, revision = revision + 1"  # noqa: S608 - our own names
        + "".join(f", {assignment}" for assignment in assignments)
        + " WHERE id = :id AND status = :from_status AND revision = :revision"
    )
    values = {name: changes[name] for name in (*_PLAIN, *_SECONDS) if name in changes}
    values |= {"to_status": status, "id": job.id, "from_status": job.status, "revision": job.revision}
    if tx.execute(statement, values).rowcount != 1:
        raise StaleState(f"job {job.id}", expected=job.status, found="another state or revision")
