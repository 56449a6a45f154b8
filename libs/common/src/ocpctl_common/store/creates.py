"""A create: the team's limit, idempotency key, cluster, job, lease row, dispatch and audit event in one statement.

It is one statement because round trips, not the work, decide the rate (docs/decisions/0003). All rows are stored, or
none. The second call with a key waits for the first, and the answer is stored with the effect.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from ocpctl_common.errors import NameTaken
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.states import JobType
from ocpctl_common.messages import JobDispatch, encode
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store import history, idempotency
from ocpctl_common.store.engine import Transaction, constraint

# The rows of an accepted create; `accepted` is what they are taken from, the names are parameters or its columns.
_ROWS = """
cluster AS (
  INSERT INTO clusters (id, requested_by, spec, ttl_hours, hourly_cost_micros, destroy_at,
                        keepalive_seconds, alive_until)
  SELECT {cluster_id}, {principal}, {spec}::jsonb, {ttl_hours}, {hourly_cost_micros},
         now() + make_interval(hours => {ttl_hours}),
         {keepalive_seconds}::integer, now() + make_interval(secs => {keepalive_seconds}::integer)
  FROM {accepted}
), job AS (
  INSERT INTO jobs (id, cluster_id, team, job_type, max_attempts, requested_by, correlation_id, traceparent)
  SELECT {job_id}, {cluster_id}, {team}, 'CREATE', {max_attempts}, {principal}, {correlation_id},
         {traceparent}
  FROM {accepted}
), lease AS (
  INSERT INTO job_locks (cluster_id) SELECT {cluster_id} FROM {accepted}
), dispatch AS (
  INSERT INTO outbox (pool, group_id, dedup_id, body, attributes)
  SELECT 'creates', {group_id}, {dedup_id},
         {body}::jsonb || jsonb_build_object('request', {spec}::jsonb), {attributes}::jsonb
  FROM {accepted}
), audited AS (
  INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, job_id, correlation_id)
  SELECT {audit_id}, {cluster_id}, {principal}, 'CREATE_REQUESTED', 'ALLOWED', 'PENDING',
         {job_id}, {correlation_id}
  FROM {accepted}
)
"""
# What is sent for each create, and its type.
_COLUMNS = {
    "principal": "text",
    "key": "text",
    "request_hash": "bytea",
    "response": "text",
    "cluster_id": "text",
    "job_id": "text",
    "team": "text",
    "spec": "text",
    "ttl_hours": "integer",
    "hourly_cost_micros": "bigint",
    "keepalive_seconds": "integer",
    "max_attempts": "integer",
    "correlation_id": "text",
    "traceparent": "text",
    "group_id": "text",
    "dedup_id": "text",
    "body": "text",
    "audit_id": "text",
    "attributes": "text",
}
ACCEPT_CREATE = (
    """
WITH recent AS (
  SELECT count(*) AS creates, extract(epoch FROM min(created_at) + interval '1 hour' - now())::float8 AS wait
  FROM (SELECT created_at FROM clusters WHERE team = %(team)s AND created_at > now() - interval '1 hour'
        ORDER BY created_at DESC LIMIT %(creates_per_hour)s) AS newest
), accepted AS (
  INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
  SELECT %(principal)s, 'CreateCluster', %(key)s, %(request_hash)s, %(response)s::jsonb
  FROM recent WHERE creates < %(creates_per_hour)s OR %(creates_per_hour)s = 0
  ON CONFLICT DO NOTHING RETURNING 1
), """  # noqa: S608 - our own names
    + _ROWS.strip().format(accepted="accepted", **{name: f"%({name})s" for name in _COLUMNS})
    + """
SELECT (SELECT count(*) FROM accepted) AS accepted, creates, wait FROM recent
"""
)
# The same for several; those of a team that have a place within its limit. No two have the same key.
ACCEPT_CREATES = (
    f"""
WITH asked AS (
  SELECT * FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())})
    WITH ORDINALITY AS n ({", ".join(_COLUMNS)}, place)
), recent AS (
  SELECT t.team, count(newest.created_at) AS creates FROM (SELECT DISTINCT team FROM asked) AS t
  LEFT JOIN LATERAL (
    SELECT created_at FROM clusters c WHERE c.team = t.team AND c.created_at > now() - interval '1 hour'
    ORDER BY c.created_at DESC LIMIT %(creates_per_hour)s
  ) AS newest ON true GROUP BY t.team
), fitting AS (
  SELECT asked.* FROM asked JOIN recent USING (team)
  JOIN (SELECT place, row_number() OVER (PARTITION BY team ORDER BY place) AS turn FROM asked) AS turns USING (place)
  WHERE creates + turn <= %(creates_per_hour)s OR %(creates_per_hour)s = 0
), accepted AS (
  INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
  SELECT principal, 'CreateCluster', key, request_hash, response::jsonb FROM fitting ORDER BY place
  ON CONFLICT DO NOTHING RETURNING principal, key
), chosen AS (
  SELECT fitting.* FROM fitting JOIN accepted USING (principal, key) ORDER BY place
), """  # noqa: S608 - our own names
    + _ROWS.strip().format(accepted="chosen n", **{name: f"n.{name}" for name in _COLUMNS})
    + """
SELECT place FROM chosen
"""
)

CHECK_CREATE = """
SELECT EXISTS (SELECT 1 FROM clusters WHERE base_domain = %(base_domain)s AND name = %(name)s
               AND name_released_at IS NULL) AS taken,
       count(*) AS creates, extract(epoch FROM min(created_at) + interval '1 hour' - now())::float8 AS wait
FROM (SELECT created_at FROM clusters WHERE team = %(team)s AND created_at > now() - interval '1 hour'
      ORDER BY created_at DESC LIMIT %(creates_per_hour)s) AS newest
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCluster:
    """Everything that is stored when a create is accepted."""

    request: RequestKey
    cluster_id: ClusterId
    job_id: JobId
    spec: ResolvedSpec
    correlation_id: str
    traceparent: str
    keepalive_seconds: int | None = None


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
    parameters = _parameters(new) | {"creates_per_hour": creates_per_hour}
    try:
        with idempotency.lock_timeouts():
            row = tx.exec_driver_sql(ACCEPT_CREATE, parameters).one()
    except IntegrityError as error:
        if constraint(error) == "clusters_unreleased_name":
            raise _taken(new.spec) from error
        raise
    limited = 0 < creates_per_hour <= row.creates
    return Inserted(bool(row.accepted), row.wait if limited else None)


def insert_clusters(tx: Transaction, new: Sequence[NewCluster], *, creates_per_hour: int) -> frozenset[int]:
    """Stores those that can be accepted, in one statement; returns which, by their place.

    No two may have the same principal and key. Of the others nothing is stored: ask for each alone why. When one of
    them cannot be stored at all nothing is, and IntegrityError, OperationalError or Unavailable is raised.
    """
    rows = [_parameters(one) for one in new]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in _COLUMNS}
    found = tx.exec_driver_sql(ACCEPT_CREATES, columns | {"creates_per_hour": creates_per_hour})
    return frozenset(int(row.place) - 1 for row in found)


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
        "keepalive_seconds": new.keepalive_seconds,
        "max_attempts": KINDS[JobType.CREATE].max_attempts,
        "correlation_id": new.correlation_id,
        "traceparent": new.traceparent,
        "group_id": f"cluster-{new.cluster_id}",
        "dedup_id": f"job:{new.job_id}:1",
        "body": encode(dispatch),
        "audit_id": history.step_id(new.job_id, "CREATE_REQUESTED", 0),
        "attributes": attributes,
    }
