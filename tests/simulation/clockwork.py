"""A database whose clock is ours: real SQL and constraints, injected time, ids from the seed.

`now()` and `clock_timestamp()` are found in the schema `sim` before pg_catalog, because the search path says so; the
migrations run under the same path, so that column defaults follow our clock too. Nothing of the product knows.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest import mock

import psycopg
from ocpctl_common import ids
from ocpctl_common.store.engine import make_engine
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import Login
from sqlalchemy import Engine, event
from ulid import ULID

from tests.conftest import migrate

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PATH = "public,sim,pg_catalog"
CLOCK = """
CREATE SCHEMA sim;
CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
  RETURN current_setting('sim.now')::timestamptz;
CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE RETURN current_setting('sim.now')::timestamptz;
GRANT USAGE ON SCHEMA sim TO PUBLIC;
"""
# In the order of references.
TABLES = (
    "audit_events",
    "outbox",
    "idempotency_keys",
    "destroy_receipts",
    "cluster_events",
    "cluster_artifacts",
    "cluster_outputs",
    "job_locks",
    "attempts",
    "jobs",
    "clusters",
    "account_budgets",
    "runners",
)


@dataclass(slots=True)
class SimulatedDatabase:
    """One database with a clock of its own. `seconds` since the beginning is the only time there is."""

    engine: Engine
    cleaner: "psycopg.Connection[tuple[object, ...]]"
    seconds: float = 0.0

    def move(self, seconds: float) -> None:
        """Lets time pass."""
        self.seconds += seconds
        now = (BEGIN + timedelta(seconds=self.seconds)).isoformat()
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"SET sim.now = '{now}'")

    def clear(self) -> None:
        """As new, at the beginning of time. Triggers are off for this connection, or the audit could not be emptied."""
        self.cleaner.execute(";".join(f"DELETE FROM {table}" for table in TABLES))
        self.seconds = 0.0
        self.move(0)

    def vacuum(self) -> None:
        """Keeps the emptied tables small."""
        self.cleaner.execute(f"VACUUM {', '.join(TABLES)}")


def create(server: Login, name: str) -> SimulatedDatabase:
    """A migrated database under our clock on a running server."""
    postgres.create_database(server, name)
    with psycopg.connect(server.url(postgres.SUPERUSER, name), autocommit=True) as connection:
        connection.execute(CLOCK)
    options = f"options=-csearch_path%3D{PATH}%20-csim.now%3D{BEGIN.date()}"
    migrate(f"{server.url('ocpctl_migrator', name)}?{options}", "upgrade", "head")
    engine = make_engine(server.url("ocpctl_scheduler", name), pool_size=1, application_name="simulation")
    event.listen(engine, "connect", _prepare)
    cleaner = psycopg.connect(server.url(postgres.SUPERUSER, name), autocommit=True)
    cleaner.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    return SimulatedDatabase(engine, cleaner)


def _prepare(connection: "psycopg.Connection[tuple[object, ...]]", record: object) -> None:
    connection.execute(f"SET search_path = {PATH}")
    connection.execute(f"SET sim.now = '{BEGIN.isoformat()}'")
    connection.execute("SET synchronous_commit = off")  # nothing here outlives the process
    connection.commit()


@contextmanager
def seeded(seed: int) -> Iterator[random.Random]:
    """Ids and the product's own jitter come from the seed while the block runs."""
    chance = random.Random(seed)
    counter = iter(range(1 << 40))

    def make() -> ULID:
        return ULID(next(counter).to_bytes(6, "big") + chance.randbytes(10))

    random.seed(seed)
    with mock.patch.object(ids, "ULID", make):
        yield chance
    random.seed(time.time_ns())
