"""How a connection is opened: with a fresh password where there are such, and with words for people when it fails."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

import structlog
from psycopg import OperationalError
from sqlalchemy.engine import Dialect

# Host, port, user: what to log in with. It must not be logged.
Passwords = Callable[[str, int, str], str]
SILENT_SECONDS = 30.0
log = structlog.get_logger()


class Connecting:
    """What SQLAlchemy calls for each new connection (its event do_connect). Thread-safe."""

    def __init__(self, passwords: Passwords | None) -> None:
        self._passwords = passwords
        self._lock = Lock()
        self._logged = ("", 0.0)

    def __call__(self, dialect: Dialect, _record: object, words: list[Any], parameters: dict[str, Any]) -> Any:
        """Raises the driver's OperationalError, which never has the password in it."""
        if self._passwords:
            password = self._passwords(parameters["host"], int(parameters.get("port") or 5432), parameters["user"])
            parameters = {**parameters, "password": password}
        try:
            return dialect.connect(*words, **parameters)
        except OperationalError as error:
            self._log(" ".join(str(error).split()))
            raise

    def _log(self, reason: str) -> None:
        """The same reason once in a while: a server that is away is asked by every call."""
        now = time.monotonic()
        with self._lock:
            before, at = self._logged
            if reason == before and now - at < SILENT_SECONDS:
                return
            self._logged = (reason, now)
        log.warning("no database connection", reason=reason)
