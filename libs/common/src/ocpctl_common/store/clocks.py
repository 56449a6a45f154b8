"""This machine's clock beside the database's: sessions, certificates and signatures are refused where it is wrong."""

from datetime import timedelta

import structlog
from sqlalchemy import text

from ocpctl_common.clock import Clock, utc_now
from ocpctl_common.errors import Unavailable
from ocpctl_common.store.engine import Database, autocommit

TOLERATED = timedelta(seconds=5)
NOW = text("SELECT clock_timestamp()")

log = structlog.get_logger()


def compare(engine: Database, clock: Clock = utc_now) -> None:
    """Tells operators when the two are apart. A database that is away is not waited for."""
    try:
        with autocommit(engine) as tx:
            before, database, after = clock(), tx.execute(NOW).scalar_one(), clock()
    except Unavailable:
        return
    if before - TOLERATED <= database <= after + TOLERATED:
        return
    log.error(
        "this machine's clock, or the database's, is wrong: set both by NTP",
        ahead_of_database_seconds=round((after - database).total_seconds(), 1),
    )
