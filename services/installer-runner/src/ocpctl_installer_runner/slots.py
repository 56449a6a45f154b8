"""The slots of this runner: how many runs go on at once, with some slots reserved for each pool."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import structlog
from ocpctl_common.lifecycle.pools import Pool, whose_turn

from ocpctl_installer_runner.lease_grants import Grant

log = structlog.get_logger()
Work = Callable[[Grant, float], None]


class Slots:
    """Thread-safe. `reserved` names the pools that are served, each with its number of slots that no other one takes.

    `work` runs in a slot's thread with the grant and the moment at which its lease was requested. `once`: they are
    closed when one run has begun.
    """

    def __init__(self, work: Work, *, slots: int, reserved: Mapping[Pool, int], once: bool = False) -> None:
        self._work = work
        self._once = once
        self._slots = slots
        self._reserved = reserved
        self._busy: Counter[Pool] = Counter()
        self._waiting: list[Pool] = []
        self._changed = threading.Condition()
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="slot")
        self.closed = threading.Event()

    def take(self, pool: Pool) -> bool:
        """Waits for a slot that the pool may use, in turn with the others; it is taken then. False: closed."""
        with self._changed:
            self._waiting.append(pool)
            self._changed.wait_for(lambda: self.closed.is_set() or self._is_turn_of(pool))
            self._waiting.remove(pool)
            if self.closed.is_set():
                return False
            self._busy[pool] += 1
            self._changed.notify_all()  # the next pool in turn may have waited for this one only
            return True

    @property
    def waiting(self) -> tuple[Pool, ...]:
        """The pools that wait for a slot, the longest first."""
        with self._changed:
            return tuple(self._waiting)

    def give_back(self, pool: Pool) -> None:
        """A taken slot is free again."""
        with self._changed:
            self._busy[pool] -= 1
            self._changed.notify_all()

    def run(self, pool: Pool, grant: Grant, requested_at: float) -> None:
        """Uses a taken slot for a run; it is free again when the run ends."""
        self._threads.submit(self._run, pool, grant, requested_at)
        if self._once:
            self.close()

    def close(self) -> None:
        """No pool gets a slot any more; runs go on."""
        self.closed.set()
        with self._changed:
            self._changed.notify_all()

    def join(self) -> None:
        """Waits for the runs that go on."""
        self._threads.shutdown(wait=True)

    def _is_turn_of(self, pool: Pool) -> bool:
        return whose_turn(self._waiting, slots=self._slots, reserved=self._reserved, busy=self._busy) is pool

    def _run(self, pool: Pool, grant: Grant, requested_at: float) -> None:
        try:
            self._work(grant, requested_at)
        except Exception:
            keys = {"job_id": grant.job_id, "cluster_id": grant.cluster_id, "job_type": grant.job_type}
            log.exception("unhandled exception in a slot", correlation_id=grant.correlation_id, **keys)
        finally:
            self.give_back(pool)
