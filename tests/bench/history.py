"""Years of clusters: plan, buffers and time of every statement of reads, sweeps and scheduler.

CLUSTERS (1,000,000) and LIVING (5,000) of the environment are the size. 400,000 were filled in
200 seconds, and took 6 GB.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from ocpctl_common.store.engine import make_engine
from ocpctl_local.database.postgres import Postgres
from rich.console import Console
from rich.table import Table

from tests.conftest import Database
from tests.history import changes
from tests.history.fill import Size, fill
from tests.history.plans import Plan, Statement, captured, plan
from tests.history.questions import COUNTS, REPORTS, SWEEPS, Question, pages
from tests.history.server import running_server
from tests.integration.protocol import Protocol

SIZE = Size(clusters=int(os.environ.get("CLUSTERS", "1000000")), living=int(os.environ.get("LIVING", "5000")))
PAGE_MS, OTHER_MS = 10, 100  # the limits
TIMES = 3  # the best of them: what is asked often is in memory

Row = tuple[str, Plan]


def measure() -> dict[str, float]:
    """Prints a table, and returns the slowest of each kind."""
    with TemporaryDirectory() as name, running_server(Path(name)) as server:
        began = time.monotonic()
        fill(server.url("postgres"), SIZE)
        filled = time.monotonic() - began
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("SET timezone = 'UTC'")
            changed = [("scheduler", one) for one in _changes(server, connection)]
            asked = {
                kind: _asked(server, connection, questions)
                for kind, questions in {
                    "pages": pages(f"{SIZE.clusters // 2:026d}"),
                    "sweeps": SWEEPS,
                    "counts": COUNTS,
                    "reports": REPORTS,
                }.items()
            }
            bytes_a_cluster = _bytes(connection) / SIZE.clusters
    for kind, rows in {**asked, "scheduler": changed}.items():
        _print(kind, rows)
    return {
        f"{SIZE.clusters} clusters filled in (s)": filled,
        "KiB a cluster, with its indexes": bytes_a_cluster / 1024,
        **_slowest("pages", asked["pages"], PAGE_MS),
        **_slowest("sweeps", asked["sweeps"], OTHER_MS),
        **_slowest("counts", asked["counts"], OTHER_MS),
        **_slowest("reports", asked["reports"], OTHER_MS),
        **_slowest("statements of the scheduler", changed, OTHER_MS),
    }


def _asked(server: Postgres, connection: "psycopg.Connection[Any]", questions: dict[str, Question]) -> list[Row]:
    reader = make_engine(server.url("ocpctl_reader"), pool_size=2, application_name="history")
    rows: list[Row] = []
    for name, ask in questions.items():
        with captured(reader) as statements, reader.connect() as tx:
            ask(tx)
        rows += [(name, _best(connection, statement)) for statement in statements.values()]
    reader.dispose()
    return rows


def _changes(server: Postgres, connection: "psycopg.Connection[Any]") -> list[Plan]:
    protocol = Protocol(Database(server, "ocpctl"))
    with captured(protocol.engine) as statements:
        changes.play(protocol)
    return [_best(connection, one) for one in statements.values() if not one.sql.startswith("SET ")]


def _best(connection: "psycopg.Connection[Any]", statement: Statement) -> Plan:
    return min((plan(connection, statement) for _ in range(TIMES)), key=lambda one: one.milliseconds)


def _bytes(connection: "psycopg.Connection[Any]") -> int:
    [(size,)] = connection.execute("SELECT pg_database_size(current_database())")
    return int(size)


def _slowest(kind: str, rows: Iterable[Row], limit_ms: float) -> dict[str, float]:
    slowest = max(one.milliseconds for _, one in rows)
    sequential = sum(bool(one.sequential) for _, one in rows)
    return {
        f"slowest of {kind} (ms)": slowest,
        f"  ratio to the limit of {limit_ms} ms": slowest / limit_ms,
        f"  that read a table of history from end to end ({kind})": sequential,
    }


def _print(kind: str, rows: Iterable[Row]) -> None:
    table = Table("ms", "buffers", kind, "plan", title=kind)
    for name, one in sorted(rows, key=lambda row: -row[1].milliseconds):
        what = name if name != kind else one.sql[:70]
        nodes = ", ".join(node for node in dict.fromkeys(one.nodes) if " on " in node or "Scan" in node)
        table.add_row(f"{one.milliseconds:.1f}", f"{one.buffers:,}", what, nodes)
    Console(soft_wrap=True, width=200).print(table)
