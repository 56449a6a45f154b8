"""The outbox: doorbells written in the transaction of the change, published later by the relay.

Order within a group of a pool is kept by the head-of-group condition in CLAIM: a row is claimed only when no older
unpublished row of its group and pool exists. SKIP LOCKED alone reorders (docs/lifecycle.md). Between pools there is no
order to keep: they are queues of their own, and one that is away holds nothing up in the other.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ocpctl_common.lifecycle.job_kinds import run_of
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.jobs import NewJob, set_status
from ocpctl_common.store.rows import Job

INSERT = text("""
INSERT INTO outbox (pool, group_id, dedup_id, body, attributes)
VALUES (:pool, :group_id, :dedup_id,
  jsonb_build_object('jobId', CAST(:job_id AS text), 'clusterId', CAST(:cluster_id AS text),
  'jobType', CAST(:job_type AS text), 'request', (SELECT spec FROM clusters WHERE id = :cluster_id)),
  CAST(:attributes AS jsonb))
""")
CLAIM = text("""
UPDATE outbox SET claimed_until = clock_timestamp() + make_interval(secs => :seconds)
WHERE id IN (
  SELECT o.id FROM outbox o
  WHERE o.pool = :pool AND o.published_at IS NULL AND (o.claimed_until IS NULL OR o.claimed_until < clock_timestamp())
    AND NOT EXISTS (SELECT 1 FROM outbox h WHERE h.group_id = o.group_id AND h.pool = o.pool AND h.published_at IS NULL
                    AND h.id < o.id)
  ORDER BY o.id LIMIT :most FOR UPDATE SKIP LOCKED)
RETURNING id, pool, group_id, dedup_id, body::text AS body, attributes
""")
PUBLISHED = text("UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY(:ids) AND published_at IS NULL")
RELEASE = text("UPDATE outbox SET claimed_until = NULL WHERE id = ANY(:ids) AND published_at IS NULL")
AGE = text("""
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox
WHERE published_at IS NULL
""")
PRUNE = text("DELETE FROM outbox WHERE published_at < clock_timestamp() - interval '1 day'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorbell:
    """A claimed message, ready to be sent."""

    id: int
    pool: Pool
    group_id: str
    dedup_id: str
    body: str
    attributes: dict[str, str]


def ring_new(tx: Transaction, job: NewJob) -> None:
    """Rings for a job that was inserted in this transaction (dispatch 1)."""
    _insert(tx, job, dispatch_no=1, given_up=False)


def ring_again(tx: Transaction, job: Job, **changes: Any) -> None:
    """Rings for an open job again under the next dispatch number, with a compare-and-set of the job."""
    set_status(tx, job, job.status, {"dispatch_no": job.dispatch_no + 1, "rung": True, **changes})
    _insert(tx, job, dispatch_no=job.dispatch_no + 1, given_up=job.given_up)


def _insert(tx: Transaction, job: NewJob | Job, *, dispatch_no: int, given_up: bool) -> None:
    attributes = {"correlation_id": job.correlation_id, "traceparent": job.traceparent}
    values = {
        "pool": run_of(job.job_type, given_up=given_up).queue,
        "group_id": f"cluster-{job.cluster_id}",
        "dedup_id": f"job:{job.id}:{dispatch_no}",
        "job_id": job.id,
        "cluster_id": job.cluster_id,
        "job_type": job.job_type,
        "attributes": json.dumps(attributes),
    }
    tx.execute(INSERT, values)


def claim(tx: Transaction, pool: Pool, *, most: int, seconds: float) -> list[Doorbell]:
    """Claims the heads of at most `most` groups of the pool for `seconds`.

    A crashed relay's claims return by themselves.
    By pool: what cannot be sent to one queue would fill every claim, and nothing of the other would be sent.
    """
    rows = tx.execute(CLAIM, {"pool": pool, "most": most, "seconds": seconds}).all()
    bells = [Doorbell(**{**row._mapping, "pool": Pool(row.pool)}) for row in rows]
    return sorted(bells, key=lambda bell: bell.id)


def mark_published(tx: Transaction, ids: Sequence[int]) -> None:
    """The queue has them."""
    tx.execute(PUBLISHED, {"ids": list(ids)})


def release(tx: Transaction, ids: Sequence[int]) -> None:
    """The queue refused them: they may be claimed again."""
    tx.execute(RELEASE, {"ids": list(ids)})


def oldest_unpublished_seconds(tx: Transaction) -> float:
    """Age of the oldest unpublished row in seconds; 0 when there is none."""
    return float(tx.execute(AGE).scalar_one())


def prune(tx: Transaction) -> int:
    """Deletes rows that were published more than a day ago; returns how many."""
    return tx.execute(PRUNE).rowcount
