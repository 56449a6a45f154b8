"""What people see: SELECTs for the gateway's read-only role, as frozen values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.states import OPEN_JOBS, ClusterStatus, JobType
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job; `stage` and `progress_percent` are those of its cluster while it is the job's to say."""

    id: str
    cluster_id: str
    team: str
    job_type: str
    status: str
    attempt: int
    max_attempts: int
    error_code: str
    error_message: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    run_after: datetime
    stage: str
    progress_percent: int
    correlation_id: str
    estimated_ready_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterView:
    """A cluster with its current or last job."""

    id: str
    spec: ResolvedSpec
    status: str
    resources_remaining: bool
    status_reason: str
    ttl_hours: int
    created_at: datetime
    ready_at: datetime | None
    destroy_at: datetime
    destroyed_at: datetime | None
    stage: str
    progress_percent: int
    hourly_cost_micros: int
    worker_replicas: int
    credentials_mode: str | None
    alive_until: datetime | None
    estimated_ready_at: datetime | None = None
    job: JobView | None = None

    @property
    def team(self) -> str:
        """Whose it is."""
        return self.spec.team


CLUSTER = """
SELECT id, spec, status, resources_remaining, status_reason, ttl_hours, created_at, ready_at, destroy_at,
       destroyed_at, stage, progress_percent, hourly_cost_micros,
       coalesce(worker_replicas, (spec->'workers'->>'replicas')::integer, 0) AS worker_replicas,
       (SELECT a.credentials_mode FROM attempts a WHERE a.cluster_id = clusters.id AND a.authorized_at IS NOT NULL
        ORDER BY a.fence DESC LIMIT 1) AS credentials_mode,
       alive_until
FROM clusters
"""
# A job that has ended, waits for its first run, or verifies again what is gone is not what the cluster is doing.
JOB = """
SELECT j.id, j.cluster_id, c.team, j.job_type, j.status, j.attempt, j.max_attempts, j.error_code, j.error_message,
       j.created_at, j.started_at, j.ended_at, j.run_after, j.correlation_id,
       CASE WHEN j.status IN ('RUNNING','RETRYING') AND c.status NOT IN ('READY','DESTROYED','FAILED')
            THEN c.stage ELSE '' END AS stage,
       CASE WHEN j.status IN ('RUNNING','RETRYING') AND c.status NOT IN ('READY','DESTROYED','FAILED')
            THEN c.progress_percent
            WHEN j.status = 'SUCCEEDED' THEN 100 ELSE 0 END AS progress_percent
FROM jobs j JOIN clusters c ON c.id = j.cluster_id
"""
MADE_NOW = (ClusterStatus.PENDING, ClusterStatus.CREATING)
GET_CLUSTER = text(CLUSTER + " WHERE id = :id")
JOB_STATUS = text("SELECT status FROM jobs WHERE id = :id")
GET_JOB = text(JOB + " WHERE j.id = :id")
# Looks again after a destroy are the platform's business, not the owner's, unless they have found something.
LISTED = f"j.job_type NOT IN {literals(job_type for job_type, kind in KINDS.items() if not kind.listed)}"
LAST_JOB = text(
    JOB
    + f""" WHERE j.cluster_id = :id AND ({LISTED} OR c.status = 'DESTROYING')
          ORDER BY j.id DESC LIMIT 1"""
)
GET_RECEIPTS = text("SELECT receipt::text FROM destroy_receipts WHERE cluster_id = :id ORDER BY id")

# A try that failed and a wait for a runner count: that is how long people waited.
ESTIMATE = text("""
WITH recent AS (
  SELECT extract(epoch FROM r.ready_at - r.created_at) AS seconds FROM clusters r
  WHERE r.profile = (SELECT profile FROM clusters WHERE id = :id) AND r.ready_at IS NOT NULL
  ORDER BY r.ready_at DESC LIMIT 50
), marks AS (
  SELECT unnest(percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds)) AS seconds
  FROM recent HAVING count(*) >= 3
)
SELECT min(c.created_at + make_interval(secs => m.seconds)) AS estimated_ready_at FROM clusters c, marks m
WHERE c.id = :id AND c.status IN ('PENDING', 'CREATING')
  AND c.created_at + make_interval(secs => m.seconds) > clock_timestamp()
""")

GET_ACCEPTED_CREATE = text("""
SELECT k.response, c.spec::text AS spec FROM idempotency_keys k JOIN clusters c ON c.id = k.response->>'clusterId'
WHERE k.principal = :principal AND k.rpc = :rpc AND k.key = :key AND k.request_hash = :hash
  AND k.expires_at > clock_timestamp()
""")


def cluster(tx: Transaction, cluster_id: str) -> ClusterView | None:
    """One cluster with its last job."""
    row = tx.execute(GET_CLUSTER, {"id": cluster_id}).one_or_none()
    if row is None:
        return None
    last = tx.execute(LAST_JOB, {"id": cluster_id}).one_or_none()
    estimate = _estimate(tx, cluster_id) if row.status in MADE_NOW else None
    job = JobView(**last._mapping, estimated_ready_at=estimate) if last else None
    return replace(cluster_view(row, job=job), estimated_ready_at=estimate)


def _estimate(tx: Transaction, cluster_id: str) -> datetime | None:
    found: datetime | None = tx.execute(ESTIMATE, {"id": cluster_id}).scalar_one()
    return found


def cluster_view(row: Row[Any], job: JobView | None = None) -> ClusterView:
    """A row of CLUSTER."""
    values = row._asdict()
    return ClusterView(**values | {"spec": ResolvedSpec.model_validate(values["spec"])}, job=job)


def job(tx: Transaction, job_id: str) -> JobView | None:
    """One job."""
    row = tx.execute(GET_JOB, {"id": job_id}).one_or_none()
    if row is None:
        return None
    view = JobView(**row._mapping)
    is_create = view.job_type == JobType.CREATE and view.status in OPEN_JOBS
    return replace(view, estimated_ready_at=_estimate(tx, view.cluster_id) if is_create else None)


def job_status(tx: Transaction, job_id: str) -> str:
    """The status of a job that exists."""
    return str(tx.execute(JOB_STATUS, {"id": job_id}).scalar_one())


def receipts(tx: Transaction, cluster_id: str) -> list[str]:
    """The receipts as JSON of ocpctl.v1.AttemptReceipt, oldest first."""
    return [str(row[0]) for row in tx.execute(GET_RECEIPTS, {"id": cluster_id})]


def accepted_create(tx: Transaction, request: RequestKey) -> Accepted | None:
    """What exactly this create was answered before, with what it had resolved to; None: it is unknown or too old."""
    values = {"principal": request.principal, "rpc": request.rpc, "key": request.key, "hash": request.request_hash}
    row = tx.execute(GET_ACCEPTED_CREATE, values).one_or_none()
    return None if row is None else replace(Accepted.again(row.response), spec_json=row.spec)
