"""What the janitor finds: SELECTs for its read-only role. The scheduler checks every candidate again.

The time is statement_timestamp(): an index is read up to it, and no further. clock_timestamp() may change from row to
row, so PostgreSQL would read all rows.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, text

from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.lifecycle.states import EXPIRABLE, OPEN_JOBS, WAITING_JOBS
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals

DEAD_LEASES = text("""
SELECT l.cluster_id, l.fence AS seen, coalesce(j.id, '') AS job_id, coalesce(j.job_type, '') AS job_type,
  coalesce(j.correlation_id, '') AS correlation_id
FROM job_locks l LEFT JOIN jobs j ON j.id = l.job_id
WHERE l.locked_by IS NOT NULL AND l.expires_at <= statement_timestamp()
ORDER BY l.expires_at LIMIT :limit
""")
# Status values are literals, or the partial index is not used.
EXPIRED = text(f"""
SELECT cluster_id FROM (
  (SELECT id AS cluster_id, destroy_at AS over FROM clusters
   WHERE status IN {literals(EXPIRABLE)} AND name_released_at IS NULL AND destroy_at <= statement_timestamp()
   ORDER BY destroy_at LIMIT :limit)
  UNION ALL
  (SELECT id, alive_until FROM clusters
   WHERE status IN {literals(EXPIRABLE)} AND name_released_at IS NULL AND alive_until <= statement_timestamp()
   ORDER BY alive_until LIMIT :limit)
) AS each GROUP BY cluster_id ORDER BY min(over) LIMIT :limit
""")  # noqa: S608 - our own words
# A pause that has ended is redispatched at once; an unanswered dispatch after the silence, which grows sixfold.
SILENT_JOBS = text(f"""
SELECT j.cluster_id, j.id AS job_id, j.dispatch_no AS seen, j.job_type, j.correlation_id FROM jobs j
JOIN job_locks l ON l.cluster_id = j.cluster_id
WHERE j.status IN {literals(WAITING_JOBS)} AND j.run_after <= statement_timestamp() AND l.locked_by IS NULL
  AND (j.last_rung_at < j.run_after
       OR j.last_rung_at + make_interval(secs => :silence * least(2 ^ j.silent_rings, 6)) <= statement_timestamp())
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.group_id = 'cluster-' || j.cluster_id AND o.destination = 'jobs'
                  AND o.published_at IS NULL)
ORDER BY j.run_after LIMIT :limit
""")  # noqa: S608 - our own words
DUE_VERIFICATIONS = text(f"""
SELECT due.cluster_id FROM (
  SELECT a.cluster_id, min(a.resweep_due_at) AS since FROM attempts a
  WHERE a.resweep_due_at <= statement_timestamp() GROUP BY a.cluster_id
) AS due
WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.cluster_id = due.cluster_id AND j.status IN {literals(OPEN_JOBS)})
ORDER BY due.since LIMIT :limit
""")  # noqa: S608 - our own words
# Each half is read from a partial index alone; what is gone stays gone, so almost none of its pages are looked at.
COUNTS = text("""
SELECT platform, status, count(*) AS clusters FROM clusters WHERE status <> 'DESTROYED' GROUP BY 1, 2
UNION ALL
SELECT platform, 'DESTROYED', count(*) FROM clusters WHERE status = 'DESTROYED' GROUP BY 1
""")
NO_CLUSTER, NO_JOB = ClusterId(""), JobId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A cluster, a job of it, or both. `seen`: the fence or dispatch number it was seen with; 0: any.

    Of the other fields those are empty that the sweep does not know.
    """

    cluster_id: ClusterId = NO_CLUSTER
    job_id: JobId = NO_JOB
    seen: int = 0
    job_type: str = ""
    correlation_id: str = ""

    def log_keys(self) -> dict[str, str]:
        """What is known, under the keys of every log line."""
        keys = {
            "cluster_id": self.cluster_id,
            "job_id": self.job_id,
            "job_type": self.job_type,
            "correlation_id": self.correlation_id,
        }
        return {key: value for key, value in keys.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCount:
    """Clusters of a kind."""

    platform: str
    status: str
    clusters: int


def dead_leases(tx: Transaction, *, limit: int) -> list[Candidate]:
    """Leases that have expired, oldest first. Whether the quarantine is over, the scheduler decides."""
    return _found(tx, DEAD_LEASES, limit=limit)


def expired_clusters(tx: Transaction, *, limit: int) -> list[Candidate]:
    """Clusters whose destroy_at or alive_until has passed, oldest first."""
    return _found(tx, EXPIRED, limit=limit)


def silent_jobs(tx: Transaction, *, silence_seconds: float, limit: int) -> list[Candidate]:
    """Due jobs that nobody works on, longest due first."""
    return _found(tx, SILENT_JOBS, silence=silence_seconds, limit=limit)


def due_verifications(tx: Transaction, *, limit: int) -> list[Candidate]:
    """Clusters at rest with an attempt whose next post-destroy verification is due, longest due first."""
    return _found(tx, DUE_VERIFICATIONS, limit=limit)


def _found(tx: Transaction, query: TextClause, **values: float) -> list[Candidate]:
    return [Candidate(**row._mapping) for row in tx.execute(query, values)]


def cluster_counts(tx: Transaction) -> list[ClusterCount]:
    """All clusters by platform and status."""
    return [ClusterCount(**row._mapping) for row in tx.execute(COUNTS)]
