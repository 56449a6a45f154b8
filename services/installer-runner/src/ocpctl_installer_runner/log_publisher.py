"""Sends the user-visible part of an installer's log to the scheduler. A run never fails for its log."""

from collections.abc import Sequence

import structlog
from ocpctl_common.errors import Fenced, OcpctlError

from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.lease import Lease, boottime
from ocpctl_installer_runner.lease_messages import RequestHeader
from ocpctl_installer_runner.translation.lease_port import LeasePort
from ocpctl_installer_runner.user_visible_log import UserVisibleLog

# After lines could not be stored: a scheduler that is unavailable must not slow a run down.
PAUSE_SECONDS = 5.0

log = structlog.get_logger()


class LogPublisher:
    """Lines that cannot be stored now are stored with the next ones."""

    def __init__(self, port: LeasePort, lease: Lease, header: RequestHeader, secrets: KnownSecrets) -> None:
        self._port = port
        self._lease = lease
        self._header = header
        self._secrets = secrets
        self._lines = UserVisibleLog()
        self._paused_until = 0.0

    @property
    def characters(self) -> int:
        """How much of the log was taken so far."""
        return self._lines.characters

    def publish(self, lines: Sequence[str], omitted: int) -> None:
        """Takes new lines of the log. `omitted`: how many lines of this command are not kept here.

        Raises LeaseLost, Fenced.
        """
        self._lease.check()
        self._lines.add(lines, self._secrets)
        self._lines.omitted = max(self._lines.omitted, omitted)
        if boottime() >= self._paused_until:
            self.flush()

    def publish_what_is_missing(self, *, unread: bool) -> None:
        """Says how many lines are missing, and whether the end of the log is `unread`. Raises LeaseLost, Fenced."""
        self._lines.add_what_is_missing(unread=unread)
        self.publish((), 0)

    def flush(self) -> None:
        """Stores the lines that wait. Raises Fenced."""
        try:
            while batch := self._lines.next_batch():
                self._port.append_log(self._header, batch)
                self._lines.stored(batch)
        except Fenced:
            raise
        except OcpctlError as error:
            self._paused_until = boottime() + PAUSE_SECONDS
            log.warning("log lines not stored yet", error=error.message)
