"""The outbox: messages written in the transaction of the change, published later by the relay.

A message has a kind (`messages.py`) and a destination. Order within a group of a destination is kept by the
head-of-group condition in CLAIM: a row is claimed only when no older unpublished row of its group and destination
exists, of whatever kind. SKIP LOCKED alone reorders (docs/lifecycle.md). Between destinations there is no order to
keep: one that is away holds nothing up in another (docs/decisions/0015).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from ocpctl_common.lifecycle.job_kinds import run_of
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.messages import JobDispatch, Message, Unreadable, decode, encode
from ocpctl_common.store import jobs
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.jobs import NewJob
from ocpctl_common.store.literals import deletion
from ocpctl_common.store.rows import Job

JOBS = "jobs"  # the column's default, and what older schedulers write without saying so
INSERT_DISPATCH = text("""
INSERT INTO outbox (destination, kind, pool, group_id, dedup_id, body, attributes)
VALUES (:destination, :kind, :pool, :group_id, :dedup_id,
  CAST(:body AS jsonb) || jsonb_build_object('request', (SELECT spec FROM clusters WHERE id = :cluster_id)),
  CAST(:attributes AS jsonb))
""")
CLAIM = text("""
UPDATE outbox SET claimed_until = clock_timestamp() + make_interval(secs => :seconds)
WHERE id IN (
  SELECT o.id FROM outbox o
  WHERE o.destination = :destination AND o.pool IS NOT DISTINCT FROM CAST(:pool AS text) AND o.kind = ANY(:kinds)
    AND o.published_at IS NULL AND (o.claimed_until IS NULL OR o.claimed_until < clock_timestamp())
    AND o.id <> ALL(:without)
    AND NOT EXISTS (SELECT 1 FROM outbox h WHERE h.group_id = o.group_id AND h.destination = o.destination
                    AND h.pool IS NOT DISTINCT FROM o.pool AND h.published_at IS NULL AND h.id < o.id)
  ORDER BY o.id LIMIT :limit FOR UPDATE SKIP LOCKED)
RETURNING id, kind, group_id, dedup_id, body::text AS body, attributes
""")
PUBLISHED = text("UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY(:ids) AND published_at IS NULL")
RELEASE = text("UPDATE outbox SET claimed_until = NULL WHERE id = ANY(:ids) AND published_at IS NULL")
AGE = text("""
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM outbox
WHERE published_at IS NULL AND destination = :destination
""")
WAITING = text("""
SELECT destination, pool, kind, count(*) AS messages FROM outbox WHERE published_at IS NULL GROUP BY 1, 2, 3
""")
PRUNE = text(deletion("outbox", "published_at < statement_timestamp() - interval '1 day'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where messages go, each with an order of its own. Job dispatch is two: the queue of each pool."""

    name: str
    pool: Pool | None = None

    def __str__(self) -> str:
        return f"{self.name}-{self.pool}" if self.pool else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A claimed message, ready to be sent. `body` is as it was written, with fields that are not known here."""

    id: int
    destination: Destination
    group_id: str
    dedup_id: str
    message: Message
    body: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poison:
    """A claimed row whose body is no message of its kind. It stays, and holds its group up."""

    id: int
    kind: str
    group_id: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What was claimed, in the order of ids."""

    envelopes: list[Envelope]
    poison: list[Poison]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Messages that are not published."""

    destination: Destination
    kind: str
    messages: int


def open_job(tx: Transaction, new: NewJob) -> Job:
    """A new job with its first dispatch: one is never there without the other."""
    jobs.insert(tx, new)
    _insert(tx, new, dispatch_no=1, given_up=False)
    return jobs.get(tx, new.id)


def redispatch(tx: Transaction, job: Job, **changes: Any) -> None:
    """Dispatches an open job again under the next dispatch number, with a compare-and-set of the job."""
    jobs.set_status(tx, job, job.status, {"dispatch_no": job.dispatch_no + 1, "redispatched": True, **changes})
    _insert(tx, job, dispatch_no=job.dispatch_no + 1, given_up=job.given_up)


def _insert(tx: Transaction, job: NewJob | Job, *, dispatch_no: int, given_up: bool) -> None:
    attributes = {"correlation_id": job.correlation_id, "traceparent": job.traceparent}
    values = {
        "destination": JOBS,
        "kind": JobDispatch.KIND,
        "pool": run_of(job.job_type, given_up=given_up).queue,
        "group_id": f"cluster-{job.cluster_id}",
        "dedup_id": f"job:{job.id}:{dispatch_no}",
        "cluster_id": job.cluster_id,
        "body": encode(JobDispatch(job_id=job.id, cluster_id=job.cluster_id, job_type=job.job_type)),
        "attributes": json.dumps(attributes),
    }
    tx.execute(INSERT_DISPATCH, values)


def claim(
    tx: Transaction,
    destination: Destination,
    kinds: Iterable[type[Message]],
    *,
    limit: int,
    seconds: float,
    without: Iterable[int] = (),
) -> Claim:
    """Claims the heads of at most `limit` groups of the destination for `seconds`, but none of `without`.

    A crashed relay's claims return by themselves. A head of another kind is left alone, and its group waits.
    By destination: what cannot be sent to one would fill every claim, and nothing of the other would be sent.
    """
    known = {kind.KIND: kind for kind in kinds}
    values = {"destination": destination.name, "pool": destination.pool, "kinds": list(known)}
    limits = {"limit": limit, "seconds": seconds, "without": list(without)}
    rows = tx.execute(CLAIM, values | limits).all()
    read = [_read(row, destination, known[row.kind]) for row in sorted(rows, key=lambda row: int(row.id))]
    return Claim(
        envelopes=[one for one in read if isinstance(one, Envelope)],
        poison=[one for one in read if isinstance(one, Poison)],
    )


def _read(row: Row[Any], destination: Destination, kind: type[Message]) -> Envelope | Poison:
    try:
        message = decode(kind, row.body)
    except Unreadable as error:
        return Poison(id=row.id, kind=row.kind, group_id=row.group_id, problem=str(error))
    return Envelope(
        id=row.id,
        destination=destination,
        group_id=row.group_id,
        dedup_id=row.dedup_id,
        message=message,
        body=row.body,
        attributes=row.attributes,
    )


def mark_published(tx: Transaction, ids: Sequence[int]) -> None:
    """The destination has them."""
    tx.execute(PUBLISHED, {"ids": list(ids)})


def release(tx: Transaction, ids: Sequence[int]) -> None:
    """The destination refused them: they may be claimed again."""
    tx.execute(RELEASE, {"ids": list(ids)})


def oldest_unpublished_seconds(tx: Transaction, destination: str) -> float:
    """Age of the destination's oldest unpublished row in seconds; 0 when there is none."""
    return float(tx.execute(AGE, {"destination": destination}).scalar_one())


def waiting(tx: Transaction) -> list[Waiting]:
    """What is not published, by destination and kind."""
    return [
        Waiting(
            destination=Destination(name=row.destination, pool=Pool(row.pool) if row.pool else None),
            kind=row.kind,
            messages=row.messages,
        )
        for row in tx.execute(WAITING)
    ]


def prune(tx: Transaction, *, limit: int) -> int:
    """Deletes rows that were published more than a day ago, at most `limit`; returns how many."""
    return tx.execute(PRUNE, {"limit": limit}).rowcount
