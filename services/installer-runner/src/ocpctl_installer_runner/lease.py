"""A held lease: renewed by a thread of its own, trusted for a while, lost at once.

Trust is measured on CLOCK_BOOTTIME (it goes on while the machine sleeps) from the moment the last successful
heartbeat was *sent*, for as long as the scheduler said with it. When trust ends the guard kills the installer by
itself; this thread only makes it sooner.
"""

import random
import threading
import time
from dataclasses import dataclass

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import OcpctlError, Unavailable
from ocpctl_common.telemetry import metrics

from ocpctl_installer_runner.errors import LeaseLost, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer.watchdog import Guarded
from ocpctl_installer_runner.translation.lease_port import LeasePort

log = structlog.get_logger()


def boottime() -> float:
    """Seconds since boot, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """Seconds."""

    heartbeat: float
    trust: float
    kill: float

    @classmethod
    def told(cls, times: pb.LeaseTimes) -> "LeaseTimes | None":
        """What the scheduler said; None when it said nothing: an older one, nothing may be trusted."""
        told = (times.heartbeat_seconds, times.trust_seconds, times.kill_seconds)
        return cls(heartbeat=told[0], trust=told[1], kill=told[2]) if all(time > 0 for time in told) else None


class Lease:
    """Use as a context manager around a run. `check` stands before everything that others would see."""

    def __init__(self, port: LeasePort, grant: pb.Grant, runner_id: str, times: LeaseTimes, acquired_at: float) -> None:
        self._port = port
        self._times = times
        self._request = pb.HeartbeatRequest(cluster_id=grant.cluster_id, fence=grant.fence, runner_id=runner_id)
        self._lock = threading.Lock()
        self._guarded: Guarded | None = None
        self._trusted_until = acquired_at + times.trust
        self._ended = threading.Event()
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._interrupted = threading.Event()
        self._settled = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{grant.attempt_id}", daemon=True)

    def __enter__(self) -> "Lease":
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

    def settle(self) -> None:
        """The report is on its way and frees the lease: a heartbeat that crosses it must not call that a loss."""
        self._settled.set()

    def attach(self, guarded: Guarded | None) -> None:
        """The installer that lives and dies with this lease."""
        with self._lock:
            self._guarded = guarded
        if guarded and self._lost.is_set():
            guarded.abandon()

    def _keep(self) -> None:
        while not self._ended.wait(self._times.heartbeat * random.uniform(0.8, 1.2)):  # noqa: S311 - jitter
            self._beat()
            if self._lost.is_set():
                return

    def _beat(self) -> None:
        sent = boottime()
        try:
            answer = self._port.heartbeat(self._request)
        except Unavailable:
            if boottime() >= self.trusted_until:
                self._lose("TRUST_ENDED")
            return
        except OcpctlError as error:
            log.warning("heartbeat refused", error=str(error))
            return
        if not answer.held:
            if not self._settled.is_set():
                self._lose("FENCED")
            return
        if answer.cancel_requested:
            self._cancelled.set()
        if times := LeaseTimes.told(answer.times):
            self._times = times
            self._trust(sent + times.trust)
        else:
            log.error("heartbeat without times; it renews no trust", cluster_id=self._request.cluster_id)

    def _trust(self, until: float) -> None:
        with self._lock:
            self._trusted_until = until
            if self._guarded:
                self._guarded.extend(until)

    def _lose(self, reason: str) -> None:
        with self._lock:
            first = not self._lost.is_set()
            self._lost.set()
            if self._guarded:
                self._guarded.abandon()
        if first:
            metrics.lease_losses.labels(reason=reason).inc()
            log.error("lease lost", reason=reason, cluster_id=self._request.cluster_id, fence=self._request.fence)
