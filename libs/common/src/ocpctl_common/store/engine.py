"""Connections and transactions. Driver errors never leave this room."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ocpctl_common.errors import Unavailable
from ocpctl_common.store.connecting import Connecting, Passwords
from ocpctl_common.store.sql_spans import trace_statements
from ocpctl_common.telemetry import traces

# Names for the other rooms, which do not import the library.
Database = Engine
Transaction = Connection
ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:task, 0))")
LOCK_TIMEOUT_MS = 2000
STATEMENT_TIMEOUT_MS = 15000


def make_engine(url: str, *, pool_size: int, application_name: str, passwords: Passwords | None = None) -> Engine:
    """An engine for a `postgresql://` URL with at most `pool_size` connections.

    Parameters of the URL are libpq's, as `sslmode`. With `passwords` each new connection has one of its own.
    Locks are waited for at most 2 s and statements run at most 15 s, so that a stuck peer turns into
    `Unavailable`, which callers may retry, and not into a queue.
    """
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_use_lifo=True,
        connect_args={
            "application_name": application_name,
            "connect_timeout": 5,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
            "keepalives_idle": 10,
        },
    )
    event.listen(engine, "do_connect", Connecting(passwords))
    event.listen(engine, "handle_error", _drop_pool_on_shutdown)
    if traces.are_on():
        trace_statements(engine)
    return engine


def _drop_pool_on_shutdown(context: object) -> None:
    """A restarted server ends every pooled connection at once; SQLAlchemy must know (57P01, 57P02, 57P03)."""
    original = getattr(context, "original_exception", None)
    if getattr(original, "sqlstate", None) in ("57P01", "57P02", "57P03"):
        context.is_disconnect = True  # type: ignore[attr-defined]


@contextmanager
def transaction(engine: Engine) -> Iterator[Transaction]:
    """One transaction: committed when the block ends, rolled back when it raises. Raises Unavailable."""
    with driver_errors(), engine.begin() as tx:
        yield tx


@contextmanager
def autocommit(engine: Engine) -> Iterator[Transaction]:
    """A connection whose every statement is a transaction of its own: one round trip less for single statements."""
    with driver_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as tx:
        yield tx


def alone(tx: Transaction, task: str) -> bool:
    """Whether nobody else is at this task, until the transaction ends. Waits for nobody."""
    return bool(tx.execute(ALONE, {"task": f"ocpctl.{task}"}).scalar_one())


@contextmanager
def driver_errors() -> Iterator[None]:
    """Turns a server that is away or busy into Unavailable; a broken statement stays a defect of ours."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable("the database does not answer or is busy; try again") from error


def sqlstate(error: DBAPIError) -> str:
    """The SQLSTATE of a driver error, e.g. 23505."""
    return str(getattr(error.orig, "sqlstate", "") or "")


def constraint(error: DBAPIError) -> str:
    """The name of the constraint that was violated."""
    return str(getattr(getattr(error.orig, "diag", None), "constraint_name", "") or "")
