"""Refusals of callers whom nobody knows: anybody can cause any number of them, so they are audited in sums."""

import threading

from ocpctl_common.errors import OcpctlError

from ocpctl_api_gateway.scheduler_port import SchedulerPort

PERIOD_SECONDS = 60.0


class Refusals:
    """The first of a kind in a period is an event at once, all others of it become one event. Thread-safe."""

    def __init__(self, scheduler: SchedulerPort, *, period: float = PERIOD_SECONDS) -> None:
        self._scheduler = scheduler
        self._period = period
        self._lock = threading.Lock()
        self._more: dict[tuple[str, str], int] = {}  # by action and reason
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refusals", daemon=True)

    def start(self) -> None:
        """Tells the sum of every period until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Tells the last sum."""
        self._stopped.set()
        self._thread.join()

    def add(self, action: str, error: OcpctlError) -> None:
        """One more. The refusal stands also when it cannot be audited."""
        kind = (action, error.reason)
        with self._lock:
            is_first = kind not in self._more
            self._more[kind] = 0 if is_first else self._more[kind] + 1
        if is_first:
            self._scheduler.audit_refusal("", action, error.reason)

    def _run(self) -> None:
        while not self._stopped.wait(self._period):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            counted, self._more = self._more, {}
        for (action, reason), more in counted.items():
            if more:
                self._scheduler.audit_refusal("", action, f"{reason}, {more} more times")
