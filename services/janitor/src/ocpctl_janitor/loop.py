"""Runs a sweep again and again in a thread of its own."""

import threading

import structlog
from ocpctl_common.errors import OcpctlError
from ocpctl_common.rpc import context
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.passes import Pass, Report

DONE, PARTLY, FAILED = "done", "partly", "failed"

log = structlog.get_logger()


class Loop:
    """A pass every `interval` seconds until stopped; a database that is away is waited for.

    After a full pass that changed something the next one comes at once: what waits behind a batch waits no pause. A
    full pass that changed nothing would come back the same, so it is no reason to hurry.
    """

    def __init__(self, sweep: str, its_pass: Pass, interval: float) -> None:
        self._sweep = sweep
        self._pass = its_pass
        self._interval = interval
        for outcome in (DONE, PARTLY, FAILED):  # shown as zero before the first pass
            metrics.sweep_passes.labels(sweep=sweep, outcome=outcome)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sweep-{sweep}", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether it still sweeps."""
        return self._thread.is_alive()

    def stop(self, grace_seconds: float) -> None:
        """Ends after the current pass."""
        self._stopped.set()
        self._thread.join(grace_seconds)

    def _run(self) -> None:
        pause = self._interval
        while not self._stopped.wait(pause):
            with context.bind(f"janitor-{self._sweep}"):
                pause = 0.0 if self._more() else self._interval

    def _more(self) -> bool:
        """One pass; whether another one should follow at once."""
        report = self._passed()
        outcome = FAILED if report is None else PARTLY if report.failed else DONE
        metrics.sweep_passes.labels(sweep=self._sweep, outcome=outcome).inc()
        return report is not None and report.full and report.applied > 0

    def _passed(self) -> Report | None:
        try:
            return self._pass.run_once()
        except OcpctlError as error:
            log.warning("sweep failed", sweep=self._sweep, error=error.message)
        except Exception:
            log.exception("defect in a sweep", sweep=self._sweep)
        return None
