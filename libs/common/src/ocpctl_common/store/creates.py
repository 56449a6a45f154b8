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
from ocpctl_common.store.create_statements import ACCEPT_CREATE, ACCEPT_CREATES, CHECK_CREATE, COLUMNS
from ocpctl_common.store.engine import Transaction, constraint


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
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in COLUMNS}
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
