"""What PostgreSQL would do for each statement that the services make, and what it reads for those that only look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event

# Tables with a row, or more, for each cluster that ever was.
HISTORY = frozenset(
    {
        "attempts",
        "audit_events",
        "cluster_artifacts",
        "cluster_events",
        "cluster_outputs",
        "clusters",
        "destroy_receipts",
        "job_locks",
        "job_log_lines",
        "jobs",
        "usage_days",
        "usage_samples",
    }
)
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """As it went to the driver, with the values of its first time."""

    sql: str
    values: Any

    @property
    def only_looks(self) -> bool:
        """It changes nothing and waits for no lock."""
        words = self.sql.upper()
        return words.lstrip().startswith(("SELECT", "WITH")) and not any(
            word in words for word in ("FOR UPDATE", "INSERT INTO", "UPDATE ", "DELETE ", "PG_ADVISORY")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`sequential`: tables of history that are read from end to end. Of those that only look, what it took."""

    sql: str
    sequential: Sequence[str]
    buffers: int = 0
    milliseconds: float = 0.0
    nodes: Sequence[str] = field(default=())


@contextmanager
def captured(engine: Engine) -> Iterator[dict[str, Statement]]:
    """Every statement that goes through the engine while the block runs, each text once."""
    found: dict[str, Statement] = {}

    def keep(_: Any, __: Any, sql: str, values: Any, *___: Any) -> None:
        found.setdefault(sql, Statement(sql=sql, values=values))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def plan(connection: psycopg.Connection[Any], statement: Statement) -> Plan:
    """What would be done, and for what only looks what was done. Nothing is changed."""
    how = "ANALYZE, BUFFERS, FORMAT JSON" if statement.only_looks else "FORMAT JSON"
    with connection.transaction(force_rollback=True):
        [row] = connection.execute(f"EXPLAIN ({how}) {statement.sql}", statement.values)
    [explained] = row[0]
    nodes = list(_nodes(explained["Plan"]))
    return Plan(
        sql=" ".join(statement.sql.split()),
        sequential=[one["Relation Name"] for one in nodes if _is_of_history(one)],
        buffers=explained["Plan"].get("Shared Hit Blocks", 0) + explained["Plan"].get("Shared Read Blocks", 0),
        milliseconds=explained.get("Execution Time", 0.0),
        nodes=[
            f"{one['Node Type']} {one.get('Index Name') or one.get('Relation Name') or ''}".strip() for one in nodes
        ],
    )


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.get("Plans", []):
        yield from _nodes(below)


def _is_of_history(node: Node) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Relation Name"] in HISTORY
