"""Alembic environment: the URL comes from OCPCTL_DATABASE_URL and must log in as the owner, ocpctl_migrator."""

import os

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

url = os.environ.get("OCPCTL_DATABASE_URL")
if not url:
    raise SystemExit("set OCPCTL_DATABASE_URL to a postgresql:// URL of the role ocpctl_migrator")

try:
    # Text of a database without an encoding would come as bytes, which SQLAlchemy cannot read.
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args={"client_encoding": "UTF8"})
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
    # One at a time: another one waits for as long as this session lives, and then finds the work done.
    connection.execute(text("SELECT pg_advisory_lock(hashtext('ocpctl.migrations'))"))
    # A migration that waits for a busy table must give up rather than queue every other session behind it.
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = '5min'"))
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
