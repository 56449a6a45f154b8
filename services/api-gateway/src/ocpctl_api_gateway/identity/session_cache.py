"""The session cache: role bindings and revoked sessions in memory, so that no call needs the database for its identity.

A thread reads them every few seconds: a revoked role or session stops working after at most one pause. When the last
read is too old, nobody is let in.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from ocpctl_common.access import Grant, RoleMapping, grants
from ocpctl_common.errors import NotAuthenticated, OcpctlError, Unavailable
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import mappings, sessions

from ocpctl_api_gateway.principal import Claims, Principal

MAX_AGE_SECONDS = 30.0
MIN_REFRESH_SECONDS = 0.2

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The result of one read. `read_at` is monotonic."""

    role_bindings: Sequence[RoleMapping]
    revoked: frozenset[str]
    read_at: float


class SessionCache:
    """Thread-safe. It is read anew from `start` to `stop`."""

    def __init__(self, engine: Database, *, interval: float, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._interval = interval
        self._clock = clock
        self._snapshot = Snapshot(role_bindings=(), revoked=frozenset(), read_at=float("-inf"))
        self._refreshing = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="session-cache", daemon=True)

    def start(self) -> None:
        """Starts the thread that refreshes."""
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended."""
        self._stopped.set()
        self._thread.join()

    def is_fresh(self) -> bool:
        """Whether the snapshot is young enough to decide by."""
        return time.monotonic() - self._snapshot.read_at < MAX_AGE_SECONDS

    def principal(self, claims: Claims) -> Principal:
        """The caller with their grants, perhaps none. Raises NotAuthenticated for a revoked session, Unavailable."""
        found = self._grants(claims)
        if not found and time.monotonic() - self._snapshot.read_at > MIN_REFRESH_SECONDS:
            self.refresh()  # a role binding may be younger than the snapshot
            found = self._grants(claims)
        if not self.is_fresh():
            raise Unavailable("identities cannot be checked now; try again")
        if self.is_revoked(claims.session_id):
            raise NotAuthenticated("this session was revoked; sign in again", reason="SESSION_REVOKED")
        return Principal(claims=claims, grants=found)

    def is_revoked(self, session_id: str) -> bool:
        """Whether a session was ended before its time."""
        return session_id in self._snapshot.revoked

    def _grants(self, claims: Claims) -> tuple[Grant, ...]:
        return grants(self._snapshot.role_bindings, claims.caller, self._clock())

    def refresh(self) -> None:
        """Reads the database. When that fails, the last snapshot stays."""
        with self._refreshing:
            try:
                started = time.monotonic()
                with autocommit(self._engine) as tx:
                    self._snapshot = Snapshot(
                        role_bindings=mappings.every(tx), revoked=sessions.revoked(tx), read_at=started
                    )
            except OcpctlError as error:
                log.warning("session cache refresh failed", error=error.message)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.refresh()
            self._stopped.wait(self._interval)
