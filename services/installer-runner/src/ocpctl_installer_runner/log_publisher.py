"""Sends the user-visible part of an installer's log to the scheduler. A run never fails for its log."""

from collections.abc import Sequence

import structlog
from ocpctl_common.errors import Fenced, OcpctlError

from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.lease import Lease, boottime
from ocpctl_installer_runner.lease_messages import RequestHeader
from ocpctl_installer_runner.translation.lease_port import LeasePort
from ocpctl_installer_runner.user_visible_log import UserVisibleLog

# A call costs the scheduler two milliseconds, of one line as of twenty: lines are collected for so long, or so many.
COLLECTED_SECONDS, COLLECTED_CHARACTERS = 2.0, 65_536
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
        self._next = 0.0  # when lines are stored again
        self._failed = False

    @property
    def characters(self) -> int:
        """How much of the log was taken so far."""
        return self._lines.characters

    def publish(self, lines: Sequence[str], omitted: int) -> None:
        """Takes new lines of the log. `omitted`: how many lines of this command are not kept here.

        The first after a silence are stored at once. Raises LeaseLost, Fenced.
        """
        self._lease.check()
        self._lines.add(lines, self._secrets)
        self._lines.omitted = max(self._lines.omitted, omitted)
        self.flush_when_due()

    def publish_what_is_missing(self, *, unread: bool) -> None:
        """Says how many lines are missing, and whether the end of the log is `unread`. Raises LeaseLost, Fenced."""
        self._lease.check()
        self._lines.add_what_is_missing(unread=unread)
        self.flush()

    def flush_when_due(self) -> None:
        """Stores the lines that wait, if that is long enough ago, or if they are many. Raises Fenced."""
        many = self._lines.waiting_characters >= COLLECTED_CHARACTERS and not self._failed
        if boottime() >= self._next or many:
            self.flush()

    def flush(self) -> None:
        """Stores the lines that wait. Raises Fenced."""
        try:
            while batch := self._lines.next_batch():
                self._port.append_log(self._header, batch)
                self._lines.stored(batch)
                self._next = boottime() + COLLECTED_SECONDS
            self._failed = False
        except Fenced:
            raise
        except OcpctlError as error:
            self._next, self._failed = boottime() + PAUSE_SECONDS, True
            log.warning("log lines not stored yet", error=error.message)
