"""Deletes what has served its purpose, batch by batch while there is more, one kind after the other.

Each batch is a transaction of its own: one that does not get through costs itself only. Of many schedulers one at a
time prunes a kind.
"""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Protocol

import structlog
from ocpctl_common.errors import OcpctlError
from ocpctl_common.store import idempotency, job_logs, outbox, runners, sessions, usage
from ocpctl_common.store.engine import Database, Transaction, alone, transaction

PAUSE_SECONDS = 600.0
BATCH = 10_000

log = structlog.get_logger()


class Prune(Protocol):
    """Of one kind of rows."""

    def __call__(self, tx: Transaction, *, limit: int) -> int:
        """Deletes at most `limit`; returns how many."""


def kinds(*, log_days: int, sample_days: int) -> Mapping[str, Prune]:
    """What is pruned, by the name that the log has for it."""
    return {
        "keys": idempotency.prune,
        "messages": outbox.prune,
        "log_lines": partial(job_logs.prune, days=log_days),
        "usage_samples": partial(usage.prune, days=sample_days),
        "sessions": sessions.prune,
        "runners": runners.prune,
    }


class Pruning:
    """`run_once` prunes everything; `start` does it again and again, in a thread of its own."""

    def __init__(self, engine: Database, prunes: Mapping[str, Prune]) -> None:
        self._engine = engine
        self._prunes = prunes
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run_forever, name="pruning", daemon=True)

    def start(self) -> None:
        """Prunes until stopped."""
        self._thread.start()

    def stop(self, grace_seconds: float) -> None:
        """Lets the current batch finish."""
        self._stopped.set()
        self._thread.join(grace_seconds)

    def run_once(self) -> dict[str, int]:
        """How many rows of each kind are gone now. What fails is logged, and tried again the next time."""
        gone = {name: self._all_of(name, prune) for name, prune in self._prunes.items()}
        log.info("pruned", **gone)
        return gone

    def _run_forever(self) -> None:
        while not self._stopped.is_set():
            self.run_once()
            self._stopped.wait(PAUSE_SECONDS)

    def _all_of(self, name: str, prune: Prune) -> int:
        gone, last = 0, BATCH
        try:
            while last >= BATCH and not self._stopped.is_set():
                last = self._batch(name, prune)
                gone += last
        except OcpctlError as error:
            log.warning("prune failed", kind=name, error=str(error))
        except Exception:
            log.exception("defect in a prune", kind=name)
        return gone

    def _batch(self, name: str, prune: Prune) -> int:
        with transaction(self._engine) as tx:
            return prune(tx, limit=BATCH) if alone(tx, f"prune {name}") else 0
