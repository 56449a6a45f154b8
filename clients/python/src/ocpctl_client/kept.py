"""A session that lives as long as somebody uses it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ocpctl_client.errors import SignInFailed
from ocpctl_client.signing_in import SignedIn, extend

LEFT = timedelta(minutes=10)


def _now() -> datetime:
    return datetime.now(tz=UTC)


class KeptSession:
    """Extends the session before its token ends, and signs in anew when it cannot be extended. Thread-safe.

    `left` is how long a token lives at least when it is handed out, as long as the server can be reached.
    """

    def __init__(
        self,
        url: str,
        sign_in: Callable[[], SignedIn],
        *,
        left: timedelta = LEFT,
        longer: Callable[[str, str], SignedIn] = extend,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._url = url
        self._sign_in = sign_in
        self._left = left
        self._longer = longer
        self._clock = clock
        self._known: SignedIn | None = None
        self._lock = threading.Lock()

    def token(self) -> str:
        """A token that can be used now. Raises SignInFailed when there is none."""
        with self._lock:
            if self._known is None or self._is_short(self._known):
                self._known = self._renewed(self._known)
            return self._known.token

    def _is_short(self, signed_in: SignedIn) -> bool:
        return signed_in.expires_at < self._clock() + self._left

    def _renewed(self, known: SignedIn | None) -> SignedIn:
        """While the server is away the old one lives on to its end."""
        try:
            return self._extended(known) or self._sign_in()
        except SignInFailed:
            if known is None or known.expires_at < self._clock():
                raise
            return known

    def _extended(self, known: SignedIn | None) -> SignedIn | None:
        """None when it has ended, is revoked, or is at the end of its whole life."""
        if known is None:
            return None
        try:
            longer = self._longer(self._url, known.token)
        except SignInFailed:
            return None
        return None if self._is_short(longer) else longer
