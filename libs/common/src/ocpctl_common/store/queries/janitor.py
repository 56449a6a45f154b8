"""What the janitor finds: SELECTs for its read-only role. The scheduler checks every candidate again."""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.store.engine import Transaction

DEAD_LEASES = text("""
SELECT cluster_id, fence FROM job_locks
WHERE locked_by IS NOT NULL AND expires_at <= clock_timestamp()
ORDER BY expires_at LIMIT :most
""")
# Status values are literals, or the partial index is not used.
EXPIRED = text("""
SELECT id FROM clusters
WHERE status IN ('PENDING','CREATING','READY','SCALING','FAILED') AND name_released_at IS NULL
  AND destroy_at <= clock_timestamp()
ORDER BY destroy_at LIMIT :most
""")
# A pause that has ended is rung at once; an unanswered bell after the silence, which grows sixfold.
SILENT_JOBS = text("""
SELECT j.id AS job_id, j.dispatch_no FROM jobs j JOIN job_locks l ON l.cluster_id = j.cluster_id
WHERE j.status IN ('PENDING','RETRYING') AND j.run_after <= clock_timestamp() AND l.locked_by IS NULL
  AND (j.last_rung_at < j.run_after
       OR j.last_rung_at + make_interval(secs => :silence * least(2 ^ j.silent_rings, 6)) <= clock_timestamp())
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.group_id = 'cluster-' || j.cluster_id AND o.published_at IS NULL)
ORDER BY j.run_after LIMIT :most
""")
DUE_SWEEPS = text("""
SELECT DISTINCT a.cluster_id FROM attempts a WHERE a.resweep_due_at <= clock_timestamp()
  AND NOT EXISTS (SELECT 1 FROM jobs j
                  WHERE j.cluster_id = a.cluster_id AND j.status IN ('PENDING','RUNNING','RETRYING'))
LIMIT :most
""")
# Each half is read from a partial index alone; what is gone stays gone, so almost none of its pages are looked at.
COUNTS = text("""
SELECT platform, status, count(*) AS clusters FROM clusters WHERE status <> 'DESTROYED' GROUP BY 1, 2
UNION ALL
SELECT platform, 'DESTROYED', count(*) FROM clusters WHERE status = 'DESTROYED' GROUP BY 1
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLease:
    """A lease that has expired. Whether its quarantine is over, the scheduler decides."""

    cluster_id: ClusterId
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentJob:
    """A due job that nobody works on."""

    job_id: JobId
    dispatch_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCount:
    """Clusters of a kind."""

    platform: str
    status: str
    clusters: int


def dead_leases(tx: Transaction, *, most: int) -> list[DeadLease]:
    """Oldest first."""
    rows = tx.execute(DEAD_LEASES, {"most": most})
    return [DeadLease(**row._mapping) for row in rows]


def expired_clusters(tx: Transaction, *, most: int) -> list[ClusterId]:
    """Clusters whose destroy_at has passed, oldest first."""
    return [ClusterId(row[0]) for row in tx.execute(EXPIRED, {"most": most})]


def silent_jobs(tx: Transaction, *, silence_seconds: float, most: int) -> list[SilentJob]:
    """Longest due first."""
    rows = tx.execute(SILENT_JOBS, {"silence": silence_seconds, "most": most})
    return [SilentJob(**row._mapping) for row in rows]


def due_sweeps(tx: Transaction, *, most: int) -> list[ClusterId]:
    """Clusters at rest with an attempt whose next look is due."""
    return [ClusterId(row[0]) for row in tx.execute(DUE_SWEEPS, {"most": most})]


def cluster_counts(tx: Transaction) -> list[ClusterCount]:
    """All clusters by platform and status."""
    return [ClusterCount(**row._mapping) for row in tx.execute(COUNTS)]
