"""A service waits for the schema that its release needs: the migrations come first, and may take longer to begin."""

import time

import structlog
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from ocpctl_common.errors import Unavailable
from ocpctl_common.store.engine import Database, autocommit

NEEDED = "0018"  # the newest revision of migrations/: a house test compares
PAUSE_SECONDS = 2.0
REVISION = text("SELECT version_num FROM alembic_version")
NONE = "none"

log = structlog.get_logger()


def wait(engine: Database) -> None:
    """Returns when the database has the schema, or a newer one, which fits too; and when it does not answer.

    A database that is away is waited for by every call; nothing is assumed of it.
    """
    seen = ""
    while (revision := _revision(engine)) is not None and not _is_enough(revision):
        if revision != seen:
            log.warning("waiting for the schema", has=revision, needs=NEEDED, brings_it="python -m ocpctl_migrations")
            seen = revision
        time.sleep(PAUSE_SECONDS)


def _is_enough(revision: str) -> bool:
    return revision != NONE and revision >= NEEDED


def _revision(engine: Database) -> str | None:
    """None: the database does not answer. NONE: no migration has run, or none that lets services see it."""
    try:
        with autocommit(engine) as tx:
            return tx.execute(REVISION).scalar() or NONE
    except ProgrammingError:
        return NONE
    except Unavailable:
        return None
