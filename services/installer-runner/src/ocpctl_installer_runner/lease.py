"""A held lease: a thread renews it; it is trusted for a while, and can be lost at any moment.

Trust starts when the last successful heartbeat was *sent*, and lasts as long as the scheduler said in its answer. It is
measured on CLOCK_BOOTTIME, which goes on while the machine sleeps. When trust ends the watchdog kills the installer by
itself; this thread only kills it sooner.
"""

import random
import threading
import time

import structlog
from ocpctl_common.errors import OcpctlError, Unavailable
from ocpctl_common.telemetry import metrics

from ocpctl_installer_runner.errors import LeaseLost, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer.watchdog import WatchedInstaller
from ocpctl_installer_runner.lease_grants import LeaseTimes
from ocpctl_installer_runner.lease_messages import HeartbeatAnswer, RequestHeader
from ocpctl_installer_runner.translation.lease_port import LeasePort

log = structlog.get_logger()


def boottime() -> float:
    """Seconds since boot, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lease:
    """Use as a context manager around a run. `check` stands before everything that others would see."""

    def __init__(self, port: LeasePort, header: RequestHeader, times: LeaseTimes, requested_at: float) -> None:
        self._port = port
        self._times = times
        self._header = header
        self._lock = threading.Lock()
        self._installer: WatchedInstaller | None = None
        self._trusted_until = requested_at + times.trust
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._interrupted = threading.Event()
        self._reporting = threading.Event()
        self._log_keys: dict[str, object] = {}
        self._thread = threading.Thread(target=self._renew_until_ended, name=f"lease-{header.attempt_id}", daemon=True)

    def __enter__(self) -> "Lease":
        self._log_keys = structlog.contextvars.get_contextvars()  # a thread begins without them
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def kill_seconds(self) -> float:
        """How long killing the installer may take."""
        return self._times.kill

    @property
    def trusted_until(self) -> float:
        """Until when the installer may live, in CLOCK_BOOTTIME seconds."""
        with self._lock:
            return self._trusted_until

    def check(self) -> None:
        """Raises LeaseLost when nothing may be written any more."""
        if self._lost.is_set() or boottime() >= self.trusted_until:
            self._lose("TRUST_ENDED")
            raise LeaseLost

    def check_wanted(self) -> None:
        """Raises LeaseLost, RunStopped (a destroy was requested) or RunInterrupted (the runner shuts down)."""
        self.check()
        if self._cancelled.is_set():
            raise RunStopped
        if self._interrupted.is_set():
            raise RunInterrupted

    def interrupt(self) -> None:
        """The runner shuts down."""
        self._interrupted.set()

    def expect_release(self) -> None:
        """The report is on its way and frees the lease: a heartbeat at the same time must not count that as a loss."""
        self._reporting.set()

    def attach(self, installer: WatchedInstaller | None) -> None:
        """The installer that lives and dies with this lease."""
        with self._lock:
            self._installer = installer
        if installer and self._lost.is_set():
            installer.abandon()

    def _renew_until_ended(self) -> None:
        with structlog.contextvars.bound_contextvars(**self._log_keys):
            while not self._ended.wait(self._times.heartbeat * random.uniform(0.8, 1.2)):  # noqa: S311 - jitter
                self._renew()
                if self._lost.is_set():
                    return

    def _renew(self) -> None:
        sent = boottime()
        try:
            answer = self._port.heartbeat(self._header)
        except Unavailable:
            if boottime() >= self.trusted_until:
                self._lose("TRUST_ENDED")
            return
        except OcpctlError as error:
            log.warning("heartbeat refused", error=str(error))
            return
        self._apply(answer, sent)

    def _apply(self, answer: HeartbeatAnswer, sent: float) -> None:
        if not answer.held:
            if not self._reporting.is_set():
                self._lose("FENCED")
            return
        if answer.cancel_requested:
            self._cancelled.set()
        if answer.times:
            self._times = answer.times
            self._extend_trust(sent + answer.times.trust)
        else:
            log.error("heartbeat without lease times: trust is not renewed")

    def _extend_trust(self, until: float) -> None:
        with self._lock:
            self._trusted_until = until
            if self._installer:
                self._installer.extend(until)

    def _lose(self, reason: str) -> None:
        with self._lock:
            first = not self._lost.is_set()
            self._lost.set()
            if self._installer:
                self._installer.abandon()
        if first:
            metrics.lease_losses.labels(reason=reason).inc()
            log.error("lease lost", reason=reason, fence=self._header.fence)
