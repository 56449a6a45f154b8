"""What people see in lists: filtered pages for the gateway's read-only role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, TextClause, bindparam, text

from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.queries.details import CLUSTER, JOB, LISTED, ClusterView, JobView, cluster_view

# What clusters are filtered by beside team, status and name: columns, each called as the request's field is.
CLUSTER_COLUMNS = ("owner", "profile", "platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFilter:
    """Which clusters; an empty sequence does not filter. `after` is the last row of the page before.

    `chosen` has the wanted values by CLUSTER_COLUMNS.
    """

    teams: Sequence[str] = ()
    statuses: Sequence[str] = ()
    chosen: Mapping[str, Sequence[str]]
    name: str = ""
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs; an empty sequence does not filter. `after` is the last id of the page before."""

    teams: Sequence[str] = ()
    statuses: Sequence[str] = ()
    types: Sequence[str] = ()
    clusters: Sequence[str] = ()
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A stage event."""

    id: int
    created_at: datetime
    stage: str
    progress_percent: int
    message: str
    job_id: str | None
    attempt_id: str | None


EVENTS = text("""
SELECT id, created_at, stage, progress_percent, message, job_id, attempt_id FROM cluster_events
WHERE cluster_id = :cluster_id AND id > :after ORDER BY id LIMIT :limit
""")


def clusters(tx: Transaction, wanted: ClusterFilter, *, limit: int) -> list[ClusterView]:
    """At most `limit` clusters, newest first, without jobs."""
    chosen = {
        "team": wanted.teams,
        "status": wanted.statuses,
        **{column: wanted.chosen[column] for column in CLUSTER_COLUMNS},
        "name": [wanted.name] if wanted.name else [],
    }
    conditions, values = _chosen(chosen)
    if wanted.after:
        # A row value keeps deep pages as fast as the first (docs/decisions/0004).
        conditions.append("(created_at, id) < (:after_time, :after_id)")
        values |= {"after_time": wanted.after[0], "after_id": wanted.after[1]}
    statement = _statement(CLUSTER, conditions, values, "ORDER BY created_at DESC, id DESC LIMIT :limit")
    return [cluster_view(row) for row in tx.execute(statement, values | {"limit": limit})]


def jobs(tx: Transaction, wanted: JobFilter, *, limit: int) -> list[JobView]:
    """At most `limit` jobs, newest first; ids grow with time."""
    chosen = {"j.team": wanted.teams, "j.status": wanted.statuses, "j.job_type": wanted.types}
    conditions, values = _chosen(chosen | {"j.cluster_id": wanted.clusters})
    if not wanted.types:
        conditions.append(LISTED)
    if wanted.after:
        conditions.append("j.id < :after_id")
        values["after_id"] = wanted.after
    statement = _statement(JOB, conditions, values, "ORDER BY j.id DESC LIMIT :limit")
    return [JobView(**row._mapping) for row in tx.execute(statement, values | {"limit": limit})]


def events(tx: Transaction, cluster_id: str, *, after: int, limit: int) -> list[EventView]:
    """At most `limit` events of a cluster after an id, oldest first."""
    rows = tx.execute(EVENTS, {"cluster_id": cluster_id, "after": after, "limit": limit})
    return [EventView(**row._mapping) for row in rows]


def _chosen(chosen: Mapping[str, Sequence[str]]) -> tuple[list[str], dict[str, Any]]:
    """Conditions and values of the columns for which something was chosen."""
    used = [(column, list(values)) for column, values in chosen.items() if values]
    conditions = [f"{column} IN :chosen_{number}" for number, (column, _) in enumerate(used)]
    return conditions, {f"chosen_{number}": values for number, (_, values) in enumerate(used)}


def _statement(select: str, conditions: Sequence[str], values: Mapping[str, Any], order: str) -> TextClause:
    where = f" WHERE {' AND '.join(conditions)} " if conditions else " "
    lists: list[BindParameter[Any]] = [bindparam(name, expanding=True) for name in values if name.startswith("chosen")]
    return text(select + where + order).bindparams(*lists)
