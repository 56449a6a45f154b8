"""This process's claim to its runner id: said at the start, again and again, and given back at the end.

A claim runs out when no answer comes, though the scheduler may hear us: a runner whose answers are lost would take
leases that it never learns of, and burn one attempt of a create after the other.
"""

import threading
import time
import uuid
from collections.abc import Callable

import structlog
from ocpctl_common.errors import OcpctlError

from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.lease_messages import Announcement, AnnouncementAnswer
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.translation.lease_port import LeasePort

FIRST_SECONDS = 1.0  # pause between signs of life until the scheduler has told its own
PATIENCE_INTERVALS = 9

log = structlog.get_logger()


class IdInUse(Exception):
    """Another process lives under our id."""


class Presence:
    """Thread-safe. `busy` counts the runs of this process."""

    def __init__(self, port: LeasePort, settings: RunnerSettings, busy: Callable[[], int]) -> None:
        self.instance_id = str(uuid.uuid4())
        self._port = port
        self._settings = settings
        self._busy = busy
        self._interval = FIRST_SECONDS
        self.claim_seconds = 0
        self._ended = threading.Event()
        self._ours_until = 0.0
        self._refused = False
        self._thread = threading.Thread(target=self._keep, name="presence", daemon=True)

    @property
    def accepted(self) -> bool:
        """Whether the id is ours, as far as the scheduler has told lately; otherwise no work may be taken."""
        return boottime() < self._ours_until

    def begin(self) -> None:
        """Returns when the id is ours; a killed predecessor's claim runs out. Raises IdInUse when it does not.

        A scheduler that is away is waited for: that is not another process.
        """
        refused_since: float | None = None
        while not self._say():
            now = time.monotonic()
            refused_since = (refused_since or now) if self._refused else None
            if refused_since and now - refused_since > PATIENCE_INTERVALS * self._interval:
                raise IdInUse(f"another process lives as {self._settings.runner_id}; set another OCPCTL_RUNNER_ID")
            time.sleep(self._interval / 2)
        self._thread.start()

    def end(self) -> None:
        """The id is free at once."""
        self._ended.set()
        self._thread.join()
        self._announce(valid_seconds=0)

    def _keep(self) -> None:
        while not self._ended.wait(self._interval):
            try:
                self._say()
            except Exception:
                log.exception("defect in the presence")

    def _say(self) -> bool:
        """Says that we live; whether the id is ours. Without an answer the last one holds until it runs out."""
        sent = boottime()
        answer = self._announce(valid_seconds=self._interval)
        self._refused = answer is not None and not answer.accepted
        if answer is None:
            return self.accepted
        if self._refused:
            log.error("another process lives under this id; no work is taken", runner_id=self._settings.runner_id)
        return self._heard(answer, sent)

    def _heard(self, answer: AnnouncementAnswer, sent: float) -> bool:
        """Takes over the scheduler's times; from one that tells none no work is taken."""
        if not answer.times or answer.claim_seconds <= 0 or answer.valid_seconds <= 0:
            log.error("the scheduler tells no times: it is older than this runner; no work is taken")
            self._ours_until = 0.0
            return False
        self._interval, self.claim_seconds = answer.times.heartbeat, answer.claim_seconds
        self._ours_until = sent + answer.valid_seconds if answer.accepted else 0.0
        return answer.accepted

    def _announce(self, *, valid_seconds: float) -> AnnouncementAnswer | None:
        announcement = Announcement(
            runner_id=self._settings.runner_id,
            instance_id=self.instance_id,
            slots=self._settings.slots,
            busy=self._busy(),
            valid_seconds=valid_seconds,
        )
        try:
            return self._port.announce(announcement)
        except OcpctlError as error:
            log.warning("not announced", error=error.message)
            return None
