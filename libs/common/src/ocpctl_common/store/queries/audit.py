"""The audit as people read it: SELECTs for read-only roles, as frozen values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from ocpctl_common.audit.chain import ChainedEvent
from ocpctl_common.store.engine import Database, Transaction, autocommit

CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events; an empty value does not filter. The end of the span does not belong to it."""

    cluster_id: str = ""
    actor: str = ""
    action: str = ""
    outcome: str = ""
    correlation_id: str = ""
    begin: datetime | None = None
    end: datetime | None = None

    @property
    def keeps_chains(self) -> bool:
        """Whether no event is left out of the chain that it belongs to."""
        return not (self.actor or self.action or self.outcome or self.correlation_id or self.begin or self.end)


_COLUMNS = """
SELECT seq, id, created_at, target_cluster_id, actor, action, outcome, reason, from_status, to_status, job_id,
       attempt_id, fence, correlation_id, previous_hash, hash
FROM audit_events WHERE
"""
# Numbers grow with time but for writers that wait for a lock, which takes seconds: what is minutes away is on its side.
_BEFORE = """coalesce((SELECT seq FROM audit_events
  WHERE created_at < CAST(:begin AS timestamptz) - interval '10 minutes' ORDER BY created_at DESC LIMIT 1), 0)"""
_AFTER = """coalesce((SELECT seq FROM audit_events
  WHERE created_at > CAST(:end AS timestamptz) + interval '10 minutes' ORDER BY created_at LIMIT 1),
  9223372036854775807)"""
_CONDITIONS = {
    "cluster_id": "target_cluster_id = :cluster_id",
    "actor": "actor = :actor",
    "action": "action = :action",
    "outcome": "outcome = :outcome",
    "correlation_id": "correlation_id = :correlation_id",
    "begin": f"created_at >= :begin AND seq > {_BEFORE}",
    "end": f"created_at < :end AND seq < {_AFTER}",
}
LAST = text("SELECT coalesce(max(seq), 0) FROM audit_events")


def newest(tx: Transaction, wanted: AuditFilter, *, before: int, limit: int) -> list[ChainedEvent]:
    """At most `limit` events, newest first, with numbers below `before` (0: all)."""
    conditions, values = _chosen(wanted)
    if before:
        conditions.append("seq < :before")
    return _read(tx, conditions, values | {"before": before, "limit": limit}, "DESC")


def export(engine: Database, wanted: AuditFilter, *, after: int = 0) -> Iterator[ChainedEvent]:
    """All events after a number, oldest first, read in chunks; ends with what was written before it began.

    A chain is never cut in its middle: the number of an event is drawn while its chain is locked, so whatever is not
    committed when this begins comes after everything of its chain that is. Raises Unavailable.
    """
    with autocommit(engine) as tx:
        last = int(tx.execute(LAST).scalar_one())
    conditions, values = _chosen(wanted)
    conditions += ["seq > :after", "seq <= :last"]
    while True:
        with autocommit(engine) as tx:  # given back between chunks: a slow reader holds no connection
            chunk = _read(tx, conditions, values | {"after": after, "last": last, "limit": CHUNK}, "ASC")
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].seq


def _chosen(wanted: AuditFilter) -> tuple[list[str], dict[str, Any]]:
    values = {name: value for name in _CONDITIONS if (value := getattr(wanted, name))}
    return [_CONDITIONS[name] for name in values], values


def _read(tx: Transaction, conditions: list[str], values: dict[str, Any], order: str) -> list[ChainedEvent]:
    where = " AND ".join(conditions) or "true"
    statement = text(f"{_COLUMNS} {where} ORDER BY seq {order} LIMIT :limit")
    return [ChainedEvent(**row._mapping) for row in tx.execute(statement, values)]
