"""Runs a sweep again and again in a thread of its own."""

import threading
from typing import Protocol

import structlog
from ocpctl_common.errors import OcpctlError
from ocpctl_common.rpc import context

from ocpctl_janitor.sweeps import Report

log = structlog.get_logger()


class Pass(Protocol):
    """Something that sweeps."""

    @property
    def name(self) -> str:
        """For the log."""

    def run_once(self) -> Report:
        """One pass."""


class Loop:
    """A pass every `interval` seconds until stopped; a database that is away is waited for."""

    def __init__(self, sweep: Pass, interval: float) -> None:
        self._sweep = sweep
        self._interval = interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sweep-{sweep.name}", daemon=True)

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
        while not self._stopped.wait(self._interval):
            with context.bind(f"janitor-{self._sweep.name}"):
                try:
                    self._sweep.run_once()
                except OcpctlError as error:
                    log.warning("sweep failed", sweep=self._sweep.name, error=error.message)
                except Exception:
                    log.exception("defect in a sweep", sweep=self._sweep.name)
