"""Clusters: read under the lease row's lock, changed by compare-and-set only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from ocpctl_common.errors import NotFound, StaleState
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import ClusterStatus
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Cluster, read

SET_PROGRESS = text("""
UPDATE clusters SET stage = :stage, progress_percent = :percent
WHERE id = :id AND status IN ('PENDING', 'CREATING', 'SCALING', 'DESTROYING')
""")
SELECT = text("""
SELECT id, status, revision, platform, spec->>'region' AS region, spec->>'version' AS version,
       spec::text AS spec, resources_remaining, ttl_hours, destroy_at, keepalive_seconds,
       destroy_at <= clock_timestamp() AS expired, coalesce(alive_until <= clock_timestamp(), false) AS abandoned
FROM clusters WHERE id = :cluster_id
""")

EXTEND = text("""
UPDATE clusters SET ttl_hours = ttl_hours + :hours, updated_at = clock_timestamp(),
  destroy_at = destroy_at + make_interval(hours => :hours)
WHERE id = :id AND status = :status AND ttl_hours = :ttl_hours RETURNING destroy_at
""")

KEEP_ALIVE = text("""
UPDATE clusters SET alive_until = clock_timestamp() + make_interval(secs => keepalive_seconds)
WHERE id = :id AND status = :status AND keepalive_seconds IS NOT NULL RETURNING alive_until
""")

# What may change together with a status: plain values, and times stamped by the database.
_PLAIN = (
    "resources_remaining",
    "status_reason",
    "stage",
    "progress_percent",
    "worker_replicas",
    "hourly_cost_micros",
)
_STAMPS = {
    "ready": ("ready_at = clock_timestamp()", "destroy_at = clock_timestamp() + make_interval(hours => ttl_hours)"),
    "destroyed": ("destroyed_at = clock_timestamp()",),
    "not_destroyed": ("destroyed_at = NULL",),
    "release_name": ("name_released_at = coalesce(name_released_at, clock_timestamp())",),
}


def get(tx: Transaction, cluster_id: ClusterId) -> Cluster:
    """The cluster; call with its lease row locked. Raises NotFound."""
    row = tx.execute(SELECT, {"cluster_id": cluster_id}).one_or_none()
    if row is None:
        raise NotFound(f"no cluster {cluster_id}")
    return read(Cluster, row)


def set_status(tx: Transaction, cluster: Cluster, status: ClusterStatus, changes: Mapping[str, Any]) -> None:
    """Compare-and-set of status and revision together with `changes`. Raises StaleState.

    `release_name` gives the name back; `ready` and `destroyed` stamp the database's time, and `ready` starts the
    time to live anew.
    """
    assignments = [*_stamps(changes), *(f"{name} = :{name}" for name in _PLAIN if name in changes)]
    statement = text(
        "UPDATE clusters SET status = :to_status, revision = revision + 1, updated_at = clock_timestamp()"  # noqa: S608 - our own names
        + "".join(f", {assignment}" for assignment in assignments)
        + " WHERE id = :id AND status = :from_status AND revision = :revision"
    )
    values = {name: changes[name] for name in _PLAIN if name in changes}
    values |= {"to_status": status, "id": cluster.id, "from_status": cluster.status, "revision": cluster.revision}
    if tx.execute(statement, values).rowcount != 1:
        raise StaleState(f"cluster {cluster.id}", expected=cluster.status, found="another state or revision")


def _stamps(changes: Mapping[str, Any]) -> list[str]:
    return [assignment for name, parts in _STAMPS.items() if changes.get(name) for assignment in parts]


def extend(tx: Transaction, cluster: Cluster, hours: int) -> datetime:
    """Compare-and-set of the time to live; returns the new end. Raises StaleState."""
    values = {"id": cluster.id, "status": cluster.status, "ttl_hours": cluster.ttl_hours, "hours": hours}
    row = tx.execute(EXTEND, values).one_or_none()
    if row is None:
        raise StaleState(f"the time to live of {cluster.id}", expected=cluster.ttl_hours, found="another one")
    end: datetime = row.destroy_at
    return end


def keep_alive(tx: Transaction, cluster: Cluster) -> datetime:
    """Compare-and-set of how long the cluster is kept alive; returns the new end. Raises StaleState."""
    row = tx.execute(KEEP_ALIVE, {"id": cluster.id, "status": cluster.status}).one_or_none()
    if row is None:
        raise StaleState(f"the keepalive of {cluster.id}", expected=cluster.status, found="another state")
    end: datetime = row.alive_until
    return end


def set_progress(tx: Transaction, cluster_id: ClusterId, stage: str, percent: int) -> None:
    """What a user sees between two states; no change of a state. A cluster at rest keeps what it shows."""
    tx.execute(SET_PROGRESS, {"stage": stage, "percent": percent, "id": cluster_id})
