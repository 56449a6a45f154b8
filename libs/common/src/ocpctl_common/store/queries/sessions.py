"""Sessions: which are open, and which were revoked before their end."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction

REVOKED = text("SELECT id FROM sessions WHERE revoked_at IS NOT NULL AND expires_at > clock_timestamp()")
PAGE = text("""
SELECT id, principal_arn, session_name, created_at, expires_at FROM sessions
WHERE revoked_at IS NULL AND expires_at > clock_timestamp() AND (:before = '' OR id < :before)
  AND (:owner = '' OR principal_arn = :owner)
ORDER BY id DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """An open session."""

    id: str
    principal_arn: str
    session_name: str
    created_at: datetime
    expires_at: datetime


def revoked(tx: Transaction) -> frozenset[str]:
    """Sessions that would still be valid if nobody had revoked them."""
    return frozenset(tx.execute(REVOKED).scalars())


def page(tx: Transaction, *, owner: str, before: str, limit: int) -> list[SessionView]:
    """At most `limit` open sessions, newest first; ids grow with time. An empty owner means everybody."""
    rows = tx.execute(PAGE, {"owner": owner, "before": before, "limit": limit})
    return [SessionView(**row._mapping) for row in rows]
