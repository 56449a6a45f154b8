"""The fitness check: whether this runner can do what it takes creates for.

What is wrong with it is no fault of a request.

It checks itself when it starts and then periodically. A run that meets such a fault hands its job back (failure class
RUNNER), and this runner takes no creates for a while: another runner takes the job. Destroys are always taken: each
one reports what it lacks, and none must wait for what another one lacks.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from ocpctl_common.telemetry import metrics

# A fault that a run has met counts for so many intervals, since a check may not see it; each further one for twice as
# long, but after an hour an install is tried.
HELD_INTERVALS = 2
MAX_HELD_SECONDS = 3_600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fault:
    """A stable name, and a sentence that says what is wrong and how it is repaired."""

    name: str
    sentence: str


class Fitness:
    """Thread-safe. `check` yields every fault that it sees."""

    def __init__(
        self,
        check: Callable[[], Iterable[Fault]],
        *,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[Fault, ...] = ()
        self._met: dict[str, tuple[Fault, float]] = {}  # until when each counts
        self._hold = HELD_INTERVALS * interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._check_until_ended, name="fitness", daemon=True)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong now."""
        with self._lock:
            now = self._clock()
            return (*self._seen, *(fault for fault, until in self._met.values() if now < until))

    def is_fit(self) -> bool:
        """Whether creates may be taken."""
        return not self.faults

    def begin(self) -> None:
        """Checks once, then periodically until `end`."""
        metrics.runner_fit.set_function(self.is_fit)
        self.check()
        self._thread.start()

    def end(self) -> None:
        """Checks no more."""
        self._ended.set()
        self._thread.join()

    def record_fault(self, fault: Fault) -> None:
        """A run has met it: no creates for a while."""
        metrics.runner_faults.labels(fault=fault.name).inc()
        log.error("job handed back: this runner cannot do its work", fault=fault.name, sentence=fault.sentence)
        with self._lock:
            self._met[fault.name] = (fault, self._clock() + self._hold)
            self._hold = min(2 * self._hold, MAX_HELD_SECONDS)

    def clear_faults(self) -> None:
        """An install has come to where something is created: faults that runs have met count no more."""
        with self._lock:
            self._met.clear()
            self._hold = HELD_INTERVALS * self._interval

    def check(self) -> None:
        """Checks now, and logs what has changed."""
        seen = self._check_safely()
        with self._lock:
            before, self._seen = self._seen, seen
        for fault in set(seen) - set(before):
            log.error("this runner takes no creates", fault=fault.name, sentence=fault.sentence)
        if before and not seen:
            log.info("this runner takes creates again")

    def _check_safely(self) -> tuple[Fault, ...]:
        try:
            return tuple(self._check())
        except Exception as error:
            log.exception("unhandled exception in a fitness check")
            return (Fault("Look", f"This runner cannot look at what it needs: {error}."),)

    def _check_until_ended(self) -> None:
        while not self._ended.wait(self._interval):
            self.check()
