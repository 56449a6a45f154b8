"""Accepting a create: the team's limit, idempotency key, cluster, job, lease row, doorbell and audit in one statement.

One statement because round trips, not the work, decide the rate (docs/decisions/0003): all rows stand or fall
together, the second call with a key waits on the first, and the answer is stored with the effect.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError

from ocpctl_common.errors import KeyReused, NameTaken, RequestInProgress
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.lifecycle.states import JobType
from ocpctl_common.messages import JobDispatch, encode
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.store.engine import Transaction, constraint, sqlstate

LOCK_NOT_AVAILABLE = "55P03"

ACCEPT_CREATE = """
WITH recent AS (
  SELECT count(*) AS creates, extract(epoch FROM min(created_at) + interval '1 hour' - now())::float8 AS wait
  FROM (SELECT created_at FROM clusters WHERE team = %(team)s AND created_at > now() - interval '1 hour'
        ORDER BY created_at DESC LIMIT %(creates_per_hour)s) AS newest
), accepted AS (
  INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
  SELECT %(principal)s, 'CreateCluster', %(key)s, %(request_hash)s, %(response)s::jsonb
  FROM recent WHERE creates < %(creates_per_hour)s OR %(creates_per_hour)s = 0
  ON CONFLICT DO NOTHING RETURNING 1
), cluster AS (
  INSERT INTO clusters (id, requested_by, spec, ttl_hours, hourly_cost_micros, destroy_at)
  SELECT %(cluster_id)s, %(principal)s, %(spec)s::jsonb, %(ttl_hours)s, %(hourly_cost_micros)s,
         now() + make_interval(hours => %(ttl_hours)s)
  FROM accepted
), job AS (
  INSERT INTO jobs (id, cluster_id, job_type, max_attempts, requested_by, correlation_id, traceparent)
  SELECT %(job_id)s, %(cluster_id)s, 'CREATE', %(max_attempts)s, %(principal)s, %(correlation_id)s, %(traceparent)s
  FROM accepted
), lease AS (
  INSERT INTO job_locks (cluster_id) SELECT %(cluster_id)s FROM accepted
), doorbell AS (
  INSERT INTO outbox (pool, group_id, dedup_id, body, attributes)
  SELECT 'creates', %(group_id)s, %(dedup_id)s,
         %(body)s::jsonb || jsonb_build_object('request', %(spec)s::jsonb), %(attributes)s::jsonb
  FROM accepted
), audited AS (
  INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, job_id, correlation_id)
  SELECT %(job_id)s || '/CREATE_REQUESTED/0', %(cluster_id)s, %(principal)s, 'CREATE_REQUESTED', 'ALLOWED', 'PENDING',
         %(job_id)s, %(correlation_id)s
  FROM accepted
)
SELECT (SELECT count(*) FROM accepted) AS accepted, creates, wait FROM recent
"""

CHECK_CREATE = """
SELECT EXISTS (SELECT 1 FROM clusters WHERE base_domain = %(base_domain)s AND name = %(name)s
               AND name_released_at IS NULL) AS taken,
       count(*) AS creates, extract(epoch FROM min(created_at) + interval '1 hour' - now())::float8 AS wait
FROM (SELECT created_at FROM clusters WHERE team = %(team)s AND created_at > now() - interval '1 hour'
      ORDER BY created_at DESC LIMIT %(creates_per_hour)s) AS newest
"""

FIND_KEY = """
SELECT request_hash, response, expires_at <= clock_timestamp() AS expired FROM idempotency_keys
WHERE principal = %(principal)s AND rpc = %(rpc)s AND key = %(key)s
"""

STORE_KEY = """
INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
VALUES (%(principal)s, %(rpc)s, %(key)s, %(request_hash)s, %(response)s::jsonb)
"""

CLAIM_EXPIRED = """
DELETE FROM idempotency_keys
WHERE principal = %(principal)s AND rpc = %(rpc)s AND key = %(key)s AND expires_at <= clock_timestamp()
"""

LOCK_KEY = "SELECT pg_advisory_xact_lock(hashtextextended(%(scope)s, 0))"

PRUNE_KEYS = "DELETE FROM idempotency_keys WHERE expires_at <= clock_timestamp()"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """How a mutating request is known: scoped to the caller and the RPC."""

    principal: str
    rpc: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCluster:
    """Everything that is stored when a create is accepted."""

    request: RequestKey
    cluster_id: ClusterId
    job_id: JobId
    spec: ResolvedSpec
    max_attempts: int
    correlation_id: str
    traceparent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The answer to a request, new or replayed. `spec_json`: what a replayed create had been accepted as."""

    cluster_id: ClusterId
    job_id: JobId
    status: str
    replayed: bool = False
    spec_json: str = ""

    def to_json(self) -> str:
        """What is stored with the key."""
        return json.dumps({"clusterId": self.cluster_id, "jobId": self.job_id, "status": self.status})

    @classmethod
    def again(cls, stored: Mapping[str, Any]) -> "Accepted":
        """The answer of an earlier call."""
        return cls(cluster_id=stored["clusterId"], job_id=stored["jobId"], status=stored["status"], replayed=True)


@dataclass(frozen=True, slots=True)
class Inserted:
    """Whether a create was stored; if not, its key is known, or the team must wait so many seconds."""

    accepted: bool
    wait_seconds: float | None


def insert_cluster(tx: Transaction, new: NewCluster, *, creates_per_hour: int) -> Inserted:
    """Stores everything of an accepted create, or nothing.

    A team may create so many clusters an hour (0: no limit). Creates that are decided at the same moment do not see
    each other: a team may exceed its limit by as many as it has under way at once. A lock that prevents it would have
    to be taken by a statement of its own, before this one looks.
    Raises NameTaken, RequestInProgress (the first call with the key is still running after the lock timeout).
    """
    try:
        parameters = _parameters(new) | {"creates_per_hour": creates_per_hour}
        row = tx.exec_driver_sql(ACCEPT_CREATE, parameters).one()
        limited = 0 < creates_per_hour <= row.creates
        return Inserted(bool(row.accepted), row.wait if limited else None)
    except IntegrityError as error:
        if constraint(error) == "clusters_unreleased_name":
            raise _taken(new.spec) from error
        raise
    except OperationalError as error:
        _still_running(error)
        raise


def check_create(tx: Transaction, spec: ResolvedSpec, *, creates_per_hour: int) -> float | None:
    """Seconds that the team would have to wait for this create; None: it may go on. Raises NameTaken."""
    values = {"name": spec.name, "base_domain": spec.base_domain, "team": spec.team}
    row = tx.exec_driver_sql(CHECK_CREATE, values | {"creates_per_hour": creates_per_hour}).one()
    if row.taken:
        raise _taken(spec)
    return row.wait if 0 < creates_per_hour <= row.creates else None


def _taken(spec: ResolvedSpec) -> NameTaken:
    return NameTaken(f"the name {spec.name} is in use in {spec.base_domain}; choose another")


def _parameters(new: NewCluster) -> dict[str, Any]:
    accepted = Accepted(cluster_id=new.cluster_id, job_id=new.job_id, status="PENDING")
    attributes = json.dumps({"correlation_id": new.correlation_id, "traceparent": new.traceparent})
    spec = new.spec.to_json()
    dispatch = JobDispatch(job_id=new.job_id, cluster_id=new.cluster_id, job_type=JobType.CREATE)
    return {
        "principal": new.request.principal,
        "key": new.request.key,
        "request_hash": new.request.request_hash,
        "response": accepted.to_json(),
        "cluster_id": new.cluster_id,
        "job_id": new.job_id,
        "team": new.spec.team,
        "spec": spec,
        "ttl_hours": new.spec.ttl_hours,
        "hourly_cost_micros": new.spec.hourly_cost_micros,
        "max_attempts": new.max_attempts,
        "correlation_id": new.correlation_id,
        "traceparent": new.traceparent,
        "group_id": f"cluster-{new.cluster_id}",
        "dedup_id": f"job:{new.job_id}:1",
        "body": encode(dispatch),
        "attributes": attributes,
    }


def lock_key(tx: Transaction, request: RequestKey) -> None:
    """Lets only one call with a key pass until the transaction ends; the others wait. Raises RequestInProgress."""
    try:
        tx.exec_driver_sql(LOCK_KEY, {"scope": f"{request.principal}\n{request.rpc}\n{request.key}"})
    except OperationalError as error:
        _still_running(error)
        raise


def find_answer(
    tx: Transaction, request: RequestKey, is_same: Callable[[Mapping[str, Any]], bool] = lambda stored: False
) -> Mapping[str, Any] | None:
    """What an earlier call with this key has stored.

    Raises KeyReused when that was another request: other bytes, and not the same in the eyes of `is_same` either.
    """
    parameters = {"principal": request.principal, "rpc": request.rpc, "key": request.key}
    row = tx.exec_driver_sql(FIND_KEY, parameters).one_or_none()
    if row is None or row.expired:
        tx.exec_driver_sql(CLAIM_EXPIRED, parameters)
        return None
    stored: Mapping[str, Any] = row.response
    if bytes(row.request_hash) != request.request_hash and not is_same(stored):
        raise KeyReused("this Idempotency-Key was used for a different request within 24 hours; use a fresh key")
    return stored


def store_answer(tx: Transaction, request: RequestKey, answer: str) -> None:
    """Stores the answer, a JSON object, in the transaction of its effect."""
    tx.exec_driver_sql(
        STORE_KEY,
        {
            "principal": request.principal,
            "rpc": request.rpc,
            "key": request.key,
            "request_hash": request.request_hash,
            "response": answer,
        },
    )


def prune_keys(tx: Transaction) -> int:
    """Deletes keys that are older than a day; returns how many."""
    return tx.exec_driver_sql(PRUNE_KEYS).rowcount


def _still_running(error: OperationalError) -> None:
    if sqlstate(error) == LOCK_NOT_AVAILABLE:
        raise RequestInProgress("a request with this Idempotency-Key is still running; try again") from error
