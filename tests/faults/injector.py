"""Carries out a plan's faults on a running stack, and records which process died when, with which leases."""

import os
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from ocpctl_local.stack import Stack

from tests.faults.driver import Driver
from tests.faults.plan import ENDPOINT_FAULTS, Fault, Kind

ENDPOINT_SECONDS = 3.0
LOOK_SECONDS = 0.05
RUNNER = "installer-runner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """The death of a runner, by the wall clock, and the attempts whose leases it held."""

    at: float
    attempts: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Armed:
    """A process that will die at a failpoint."""

    fault: Fault
    pid: int


@dataclass(slots=True)
class FaultInjector:
    """Thread-safe. Every fault that `take` has returned must be injected."""

    driver: Driver
    stop_seconds: float
    deaths: list[Death] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)  # kill points at which a process has died
    done: int = 0
    _hit: set[str] = field(default_factory=set)
    _armed: dict[str, Armed] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def stack(self) -> Stack:
        """The stack whose processes are killed and stopped."""
        return self.driver.stack

    def inject(self, fault: Fault) -> None:
        """Returns when the fault is over; a kill point when the process is armed."""
        try:
            self._carry_out(fault)
        finally:
            with self._lock:
                self.done += 1
                self._hit -= fault.hits

    def _carry_out(self, fault: Fault) -> None:
        match fault.kind:
            case Kind.KILL_POINT:
                self._arm(fault)
            case Kind.KILL:
                self._kill(*fault.targets)
            case Kind.STOP:
                self._stop(*fault.targets)
            case Kind.DATABASE:
                self.stack.replace("postgres", sign=signal.SIGINT)
            case Kind.ENDPOINT:
                self.stack.faults(ENDPOINT_FAULTS[fault.detail])
                time.sleep(ENDPOINT_SECONDS)
                self.stack.faults()
            case Kind.PURGE:
                self._purge()

    def take(self, faults: Iterable[Fault]) -> Fault | None:
        """The first fault whose targets have no fault now and are not armed."""
        with self._lock:
            for fault in faults:
                if not fault.hits & (self._hit | self._armed.keys()):
                    self._hit |= fault.hits
                    return fault
            return None

    def collect_deaths(self) -> None:
        """Notes the armed processes that have died."""
        with self._lock:
            for name, armed in list(self._armed.items()):
                if self.stack.state.pids[name] != armed.pid or not _alive(armed.pid):
                    self._note_death(name)
                    self.reached.append(armed.fault.detail)
                    del self._armed[name]

    def waiting(self) -> list[str]:
        """Processes that are armed, each with the kill point that it did not reach yet."""
        return [f"{name} at {armed.fault.detail}" for name, armed in self._armed.items()]

    def _arm(self, fault: Fault) -> None:
        target, *others = fault.targets
        order = self.stack.folder / "failpoints" / target
        order.write_text(fault.detail)
        while order.exists():  # a successor that was being started just now did not see it
            self._kill(target)
        with self._lock:
            self._armed[target] = Armed(fault=fault, pid=self.stack.state.pids[target])
        self._kill(*others)

    def _kill(self, *targets: str) -> None:
        """SIGKILL, all at once; returns when their successors are there."""
        old = {name: self.stack.state.pids[name] for name in targets}
        for name, pid in old.items():
            self._note_death(name)
            with suppress(ProcessLookupError):  # it has just died by itself
                os.kill(pid, signal.SIGKILL)
        while any(self.stack.state.pids[name] == pid for name, pid in old.items()):
            time.sleep(LOOK_SECONDS)

    def _stop(self, name: str) -> None:
        """SIGSTOP for the stop time; one that is being started again is waited for."""
        pid = self.stack.state.pids[name]
        while not _alive(pid):
            time.sleep(LOOK_SECONDS)
            pid = self.stack.state.pids[name]
        with suppress(ProcessLookupError):  # it has died by itself in between
            os.kill(pid, signal.SIGSTOP)
            time.sleep(self.stop_seconds)
            os.kill(pid, signal.SIGCONT)

    def _note_death(self, name: str) -> None:
        if not name.startswith(RUNNER):
            return
        at = time.time()
        self.deaths.append(Death(at=at, attempts=self._held(name)))

    def _held(self, name: str) -> tuple[str, ...]:
        """Its leases, which outlive it; a database that is being restarted is waited for."""
        while True:
            try:
                held = self.driver.sql("SELECT attempt_id FROM job_locks WHERE locked_by = %s", name)
            except psycopg.OperationalError:
                time.sleep(LOOK_SECONDS)
            else:
                return tuple(str(row[0]) for row in held)

    def _purge(self) -> None:
        for name in ("ocpctl-jobs.fifo", "ocpctl-destroys.fifo"):
            self._purge_one(name)

    def _purge_one(self, name: str) -> None:
        sqs = self.stack.client("sqs")
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        while True:
            try:
                sqs.purge_queue(QueueUrl=url)
            except sqs.exceptions.PurgeQueueInProgress:  # AWS allows one a minute
                time.sleep(1)
            else:
                return


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
