"""What operators see: SELECTs for the gateway's read-only role, as frozen values."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ocpctl_common.lifecycle.states import OPEN_JOBS
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals

MAX_LOCKS = 1000
LOCKS = text("""
SELECT l.cluster_id, c.name AS cluster_name, l.job_id, j.job_type, l.attempt_id, l.locked_by AS runner_id, l.fence,
       l.locked_at, l.renewed_at, l.expires_at, l.expires_at <= clock_timestamp() AS expired
FROM job_locks l JOIN clusters c ON c.id = l.cluster_id JOIN jobs j ON j.id = l.job_id
WHERE l.locked_by IS NOT NULL ORDER BY l.renewed_at LIMIT :limit
""")
QUEUE = text(f"""
SELECT (SELECT count(*) FROM outbox WHERE destination = 'jobs' AND published_at IS NULL) AS unpublished,
       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox
        WHERE destination = 'jobs' AND published_at IS NULL) AS oldest_unpublished_seconds,
       count(*) FILTER (WHERE due) AS due_jobs,
       coalesce(extract(epoch FROM clock_timestamp() - min(run_after) FILTER (WHERE due)), 0)::float8
         AS longest_due_seconds,
       count(*) FILTER (WHERE waiting AND NOT due AND waits_for = '') AS paused_jobs,
       count(*) FILTER (WHERE waiting AND waits_for <> '') AS waiting_for_budget,
       count(*) FILTER (WHERE NOT waiting) AS running_jobs,
       count(*) FILTER (WHERE waiting AND silent_rings > 0) AS silent_jobs
FROM (SELECT run_after, waits_for, silent_rings, status <> 'RUNNING' AS waiting,
             status <> 'RUNNING' AND run_after <= clock_timestamp() AND waits_for = '' AS due
      FROM jobs WHERE status IN {literals(OPEN_JOBS)}) AS open_jobs
""")  # noqa: S608 - our own words
RUNNERS = text("""
SELECT r.id, r.instance::text AS instance_id, r.slots, r.busy, r.first_seen_at, r.seen_at,
       r.valid_until > clock_timestamp() AS alive,
       (SELECT count(*) FROM job_locks l WHERE l.locked_by = r.id) AS locks
FROM runners r WHERE r.seen_at > clock_timestamp() - interval '1 day' ORDER BY r.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockView:
    """A held lease."""

    cluster_id: str
    cluster_name: str
    job_id: str
    job_type: str
    attempt_id: str
    runner_id: str
    fence: int
    locked_at: datetime
    renewed_at: datetime
    expires_at: datetime
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What waits."""

    unpublished: int
    oldest_unpublished_seconds: float
    due_jobs: int
    longest_due_seconds: float
    paused_jobs: int
    waiting_for_budget: int
    running_jobs: int
    silent_jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerView:
    """A runner."""

    id: str
    instance_id: str
    slots: int
    busy: int
    first_seen_at: datetime
    seen_at: datetime
    alive: bool
    locks: int


def locks(tx: Transaction) -> list[LockView]:
    """Held leases, the longest silent first; at most a thousand."""
    return [LockView(**row._mapping) for row in tx.execute(LOCKS, {"limit": MAX_LOCKS})]


def queue(tx: Transaction) -> QueueView:
    """What waits now."""
    return QueueView(**tx.execute(QUEUE).one()._mapping)


def runners(tx: Transaction) -> list[RunnerView]:
    """Runners that were heard of within the last day, by id."""
    return [RunnerView(**row._mapping) for row in tx.execute(RUNNERS)]
