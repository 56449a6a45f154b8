"""What the gateway knows of mappings and revoked sessions: read every few seconds, asked on every call.

No call pays a database round trip for its identity. What was taken away stops within one look; when the database has
not been seen for too long nobody is let in any more.
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

OLDEST_SECONDS = 30.0
SOONEST_SECONDS = 0.2

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One look; `at` is monotonic."""

    mappings: Sequence[RoleMapping]
    revoked: frozenset[str]
    at: float


class Register:
    """Thread-safe. `start` looks until `stop`."""

    def __init__(self, engine: Database, *, interval: float, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._interval = interval
        self._clock = clock
        self._known = Known(mappings=(), revoked=frozenset(), at=float("-inf"))
        self._looking = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="register", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._stopped.set()
        self._thread.join()

    def is_fresh(self) -> bool:
        """Whether the last look is young enough to decide by."""
        return time.monotonic() - self._known.at < OLDEST_SECONDS

    def principal(self, claims: Claims) -> Principal:
        """The caller with their grants, perhaps none. Raises NotAuthenticated for a revoked session, Unavailable."""
        found = self._grants(claims)
        if not found and time.monotonic() - self._known.at > SOONEST_SECONDS:
            self.look()  # a mapping may be younger than the last look
            found = self._grants(claims)
        if not self.is_fresh():
            raise Unavailable("identities cannot be checked now; try again")
        if self.is_revoked(claims.session_id):
            raise NotAuthenticated("this session was revoked; sign in again", reason="SESSION_REVOKED")
        return Principal(claims=claims, grants=found)

    def is_revoked(self, session_id: str) -> bool:
        """Whether a session was ended before its time."""
        return session_id in self._known.revoked

    def _grants(self, claims: Claims) -> tuple[Grant, ...]:
        return grants(self._known.mappings, claims.caller, self._clock())

    def look(self) -> None:
        """One look; the last one stays when the database is away."""
        with self._looking:
            try:
                began = time.monotonic()
                with autocommit(self._engine) as tx:
                    self._known = Known(mappings=mappings.every(tx), revoked=sessions.revoked(tx), at=began)
            except OcpctlError as error:
                log.warning("identities not read", why=error.message)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(self._interval)
