"""Alembic environment: the URL comes from OCPCTL_DATABASE_URL and must log in as the owner, ocpctl_migrator."""

import os
import time

from alembic import context
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

NEEDED = "set OCPCTL_DATABASE_URL to a postgresql:// URL of the role ocpctl_migrator"
STRANGERS = """
    SELECT string_agg(tablename, ', ' ORDER BY tablename) FROM pg_tables
    WHERE schemaname = current_schema() AND to_regclass('alembic_version') IS NULL
"""


def _checked(url: URL) -> URL:
    """Without a name the server would choose the database that is called as the role, or another one."""
    if url.get_backend_name() != "postgresql":
        raise SystemExit(f"{NEEDED}, not {url.get_backend_name()}://")
    if not url.database:
        raise SystemExit(f"{NEEDED} that names the database: postgresql://host:port/name")
    return url.set(drivername="postgresql+psycopg")


def _refuse_strangers(connection: Connection) -> None:
    """Tables that were there before the first migration are somebody else's."""
    if tables := connection.execute(text(STRANGERS)).scalar():
        name = connection.engine.url.database
        raise SystemExit(f"the database {name} has tables that are not ocpctl's ({tables}); give ocpctl one of its own")


def _wait_for_turn(connection: Connection) -> None:
    """One at a time: another one waits for as long as this session lives, and then finds the work done.

    It asks again and again: a session that waited in a statement would itself be waited for by an index that is built
    beside the writers.
    """
    while not connection.execute(text("SELECT pg_try_advisory_lock(hashtext('ocpctl.migrations'))")).scalar():
        connection.commit()
        time.sleep(0.3)
    connection.commit()


url = os.environ.get("OCPCTL_DATABASE_URL")
if not url:
    raise SystemExit(NEEDED)

try:
    # Text of a database without an encoding would come as bytes, which SQLAlchemy cannot read.
    engine = create_engine(_checked(make_url(url)), connect_args={"client_encoding": "UTF8"})
    opened = engine.connect()
except (ArgumentError, OperationalError) as error:
    why = getattr(error, "orig", None) or error
    raise SystemExit(f"the database of OCPCTL_DATABASE_URL cannot be used: {why}") from None
with opened as connection:
    encoding = connection.connection.driver_connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        name = connection.engine.url.database
        raise SystemExit(
            f"the database {name} is encoded as {encoding}; make one with ENCODING 'UTF8' TEMPLATE template0"
        )
    _wait_for_turn(connection)
    _refuse_strangers(connection)
    # A migration that waits for a busy table must give up rather than queue every other session behind it.
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '5min'"))
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
