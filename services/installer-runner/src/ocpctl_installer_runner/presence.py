"""This process's claim to its runner id: announced at the start, then periodically, and released at the end.

A claim expires when no answer comes, even if the scheduler may hear the announcements. A runner whose answers are lost
would take leases that it never learns of, and use up one attempt of a create after the other.
"""

import threading
import time
import uuid
from collections.abc import Callable

import structlog
from ocpctl_common.errors import OcpctlError, Unavailable

from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.lease_messages import Announcement, AnnouncementAnswer
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.translation.lease_port import LeasePort

INITIAL_INTERVAL_SECONDS = 1.0  # pause between announcements until the scheduler has named its own
MAX_REFUSED_INTERVALS = 9

log = structlog.get_logger()


class IdInUse(Exception):
    """Another live process has our runner id."""


class Presence:
    """Thread-safe. `busy` counts the runs of this process."""

    def __init__(self, port: LeasePort, settings: RunnerSettings, busy: Callable[[], int]) -> None:
        self.instance_id = str(uuid.uuid4())
        self._port = port
        self._settings = settings
        self._busy = busy
        self._interval = INITIAL_INTERVAL_SECONDS
        self.claim_seconds = 0
        self._ended = threading.Event()
        self._accepted_until = 0.0
        self._refused = False
        self._thread = threading.Thread(target=self._announce_until_ended, name="presence", daemon=True)

    @property
    def accepted(self) -> bool:
        """Whether the id is ours by the scheduler's last answer, which expires; otherwise no work may be taken."""
        return boottime() < self._accepted_until

    def begin(self) -> None:
        """Returns when the id is ours. The claim of a killed predecessor expires; raises IdInUse when it does not.

        While the scheduler is unavailable this waits: that is not another process.
        """
        refused_since: float | None = None
        while not self._renew():
            now = time.monotonic()
            refused_since = (refused_since or now) if self._refused else None
            if refused_since and now - refused_since > MAX_REFUSED_INTERVALS * self._interval:
                raise IdInUse(f"another process lives as {self._settings.runner_id}; set another OCPCTL_RUNNER_ID")
            time.sleep(self._interval / 2)
        self._thread.start()

    def end(self) -> None:
        """Releases the id at once."""
        self._ended.set()
        self._thread.join()
        self._send(valid_seconds=0)

    def _announce_until_ended(self) -> None:
        while not self._ended.wait(self._interval):
            try:
                self._renew()
            except Exception:
                log.exception("unhandled exception in the presence")

    def _renew(self) -> bool:
        """Announces this process; whether the id is ours. Without an answer the last one holds until it expires."""
        sent = boottime()
        answer = self._send(valid_seconds=self._interval)
        self._refused = answer is not None and not answer.accepted
        if answer is None:
            return self.accepted
        if self._refused:
            log.error("runner id in use by another process: no work is taken", runner_id=self._settings.runner_id)
        return self._apply(answer, sent)

    def _apply(self, answer: AnnouncementAnswer, sent: float) -> bool:
        """Takes over the scheduler's times. A scheduler that names none is too old: no work is taken."""
        if not answer.times or answer.claim_seconds <= 0 or answer.valid_seconds <= 0:
            log.error("no lease times: the scheduler is older than this runner, no work is taken")
            self._accepted_until = 0.0
            return False
        self._interval, self.claim_seconds = answer.times.heartbeat, answer.claim_seconds
        self._accepted_until = sent + answer.valid_seconds if answer.accepted else 0.0
        return answer.accepted

    def _send(self, *, valid_seconds: float) -> AnnouncementAnswer | None:
        announcement = Announcement(
            runner_id=self._settings.runner_id,
            instance_id=self.instance_id,
            slots=self._settings.slots,
            busy=self._busy(),
            valid_seconds=valid_seconds,
        )
        try:
            return self._port.announce(announcement)
        except Unavailable as error:
            log.warning("announcement failed: scheduler unavailable", error=error.message)
        except OcpctlError as error:
            log.warning("announcement refused", error=error.message)
        return None
