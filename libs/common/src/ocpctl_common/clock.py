"""The one place where wall time is read. Leases never use it: only the database's clock decides expiry."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(tz=UTC)
