"""Whether this runner can do what it takes creates for. What is wrong with it is nobody's request's fault.

It looks at itself when it starts and again and again. A run that meets such a fault hands its job back (failure class
RUNNER), and keeps this runner from taking creates for a while: another one takes the job. Destroys are always taken:
each tells what it lacks, and none must wait for what another one lacks.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from ocpctl_common.telemetry import metrics

HELD_LOOKS = 2  # what a run has met counts for so many looks, which may not see it; met again for twice as long,
MOST_HELD_SECONDS = 3_600.0  # but after an hour an install is tried

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trouble:
    """A word for it, and what is wrong and how it is mended."""

    name: str
    sentence: str


class Fitness:
    """Thread-safe. `look` tells every trouble that it sees."""

    def __init__(
        self,
        look: Callable[[], Iterable[Trouble]],
        *,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look = look
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: tuple[Trouble, ...] = ()
        self._met: dict[str, tuple[Trouble, float]] = {}  # until when each counts
        self._hold = HELD_LOOKS * interval
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="fitness", daemon=True)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What is wrong now."""
        with self._lock:
            now = self._clock()
            return (*self._seen, *(trouble for trouble, until in self._met.values() if now < until))

    def is_fit(self) -> bool:
        """Whether creates may be taken."""
        return not self.troubles

    def begin(self) -> None:
        """Looks once, then again and again until `end`."""
        metrics.runner_fit.set_function(self.is_fit)
        self.look()
        self._thread.start()

    def end(self) -> None:
        """Looks no more."""
        self._ended.set()
        self._thread.join()

    def meet(self, trouble: Trouble) -> None:
        """A run has met it: no creates for a while."""
        metrics.runner_faults.labels(fault=trouble.name).inc()
        log.error("this runner cannot do its work; the job is handed back", fault=trouble.name, told=trouble.sentence)
        with self._lock:
            self._met[trouble.name] = (trouble, self._clock() + self._hold)
            self._hold = min(2 * self._hold, MOST_HELD_SECONDS)

    def passed(self) -> None:
        """An install has come to where something is made: what was met before is no more."""
        with self._lock:
            self._met.clear()
            self._hold = HELD_LOOKS * self._interval

    def look(self) -> None:
        """Looks now, and says what has changed."""
        try:
            seen = tuple(self._look())
        except Exception as error:
            log.exception("defect in the fitness")
            seen = (Trouble("Look", f"This runner cannot look at what it needs: {error}."),)
        with self._lock:
            before, self._seen = self._seen, seen
        for trouble in set(seen) - set(before):
            log.error("this runner takes no creates", fault=trouble.name, told=trouble.sentence)
        if before and not seen:
            log.info("this runner takes creates again")

    def _keep(self) -> None:
        while not self._ended.wait(self._interval):
            self.look()
