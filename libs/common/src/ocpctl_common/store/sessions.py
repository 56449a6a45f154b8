"""Sessions: opened once for a nonce, ended by their time or by a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ocpctl_common.errors import NotAuthenticated, NotFound
from ocpctl_common.ids import SessionId
from ocpctl_common.store.engine import Transaction, constraint
from ocpctl_common.store.literals import deletion
from ocpctl_common.store.rows import values_of

INSERT = text("""
INSERT INTO sessions (id, principal_arn, account_id, unique_id, session_name, nonce_sha256, expires_at)
VALUES (:id, :principal_arn, :account_id, :unique_id, :session_name, :nonce_sha256,
        clock_timestamp() + make_interval(secs => :life_seconds))
RETURNING expires_at
""")
EXTEND = text("""
UPDATE sessions SET expires_at = greatest(expires_at, least(clock_timestamp() + make_interval(secs => :life_seconds),
                                                            created_at + make_interval(secs => :max_seconds)))
WHERE id = :id AND principal_arn = :principal_arn AND revoked_at IS NULL AND expires_at > clock_timestamp()
RETURNING expires_at
""")
# A session that is revoked already keeps the time and the person of the first revocation.
REVOKE = text("""
UPDATE sessions SET revoked_at = coalesce(revoked_at, clock_timestamp()), revoked_by = coalesce(revoked_by, :by)
WHERE id = :id AND (:owner = '' OR principal_arn = :owner)
""")
# The row keeps the nonce from being used again, and nonces live for minutes.
PRUNE = text(deletion("sessions", "expires_at < statement_timestamp() - interval '1 day'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to open."""

    id: SessionId
    principal_arn: str
    account_id: str
    unique_id: str
    session_name: str
    nonce_sha256: bytes
    life_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """So many seconds more from now on, and at most so many in all."""

    id: SessionId
    principal_arn: str
    life_seconds: float
    max_seconds: float


def insert(tx: Transaction, new: NewSession) -> datetime:
    """Opens a session; returns its end. Raises NotAuthenticated when the nonce has opened a session before."""
    try:
        found: datetime = tx.execute(INSERT, values_of(new)).scalar_one()
    except IntegrityError as error:
        if constraint(error) == "sessions_nonce":
            raise NotAuthenticated("this nonce was used; begin a new login", reason="NONCE_USED") from error
        raise
    return found


def extend(tx: Transaction, longer: Extension) -> datetime:
    """Returns the new end. Raises NotAuthenticated when the session is not open, or belongs to another principal."""
    values = values_of(longer)
    found: datetime | None = tx.execute(EXTEND, values).scalar_one_or_none()
    if found is None:
        raise NotAuthenticated("this session has ended; sign in again")
    return found


def revoke(tx: Transaction, session_id: SessionId, *, owner: str, by: str) -> None:
    """Revokes a session; with `owner` only if the owner's. Raises NotFound."""
    if tx.execute(REVOKE, {"id": session_id, "owner": owner, "by": by}).rowcount == 0:
        raise NotFound(f"there is no session {session_id}")


def prune(tx: Transaction, *, limit: int) -> int:
    """Deletes sessions that ended more than a day ago; returns how many."""
    return tx.execute(PRUNE, {"limit": limit}).rowcount
