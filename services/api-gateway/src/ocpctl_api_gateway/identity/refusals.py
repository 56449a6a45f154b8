"""Audits refusals of unknown callers. Anybody can cause any number of them, so they are audited in sums."""

import threading

from ocpctl_common.errors import OcpctlError

from ocpctl_api_gateway.scheduler_client import SchedulerClient

PERIOD_SECONDS = 60.0


class Refusals:
    """The first refusal of a kind in a period is audited at once, all later ones as one event. Thread-safe."""

    def __init__(self, scheduler: SchedulerClient, *, period: float = PERIOD_SECONDS) -> None:
        self._scheduler = scheduler
        self._period = period
        self._lock = threading.Lock()
        self._more: dict[tuple[str, str], int] = {}  # by action and reason
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refusals", daemon=True)

    def start(self) -> None:
        """Audits the sums of every period until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Audits the last sums."""
        self._stopped.set()
        self._thread.join()

    def add(self, action: str, error: OcpctlError) -> None:
        """Counts a refusal. Never raises: the caller is refused also when the refusal cannot be audited."""
        kind = (action, error.reason)
        with self._lock:
            is_first = kind not in self._more
            self._more[kind] = 0 if is_first else self._more[kind] + 1
        if is_first:
            self._scheduler.audit_refusal("", action, error.reason)

    def _run(self) -> None:
        while not self._stopped.wait(self._period):
            self._audit_sums()
        self._audit_sums()

    def _audit_sums(self) -> None:
        with self._lock:
            counted, self._more = self._more, {}
        for (action, reason), more in counted.items():
            if more:
                self._scheduler.audit_refusal("", action, f"{reason}, {more} more times")
