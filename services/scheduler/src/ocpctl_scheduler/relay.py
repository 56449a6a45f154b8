"""Publishes doorbells from the outbox to the queues of their pools. Any number of relays may run.

Order within a cluster is kept in each queue. A queue that is away, or hangs, holds nothing up in the other one.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from ocpctl_common.errors import OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.store import idempotency, job_logs, outbox, sessions
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.store.outbox import Doorbell

BATCH = 10  # SQS takes at most ten messages a call
PRUNE_EVERY_PASSES = 600

log = structlog.get_logger()


class Queue(Protocol):
    """The verb of a queue that the relay uses."""

    def send_batch(self, doorbells: Sequence[Doorbell]) -> Sequence[int]:
        """Sends; returns the ids of the rows that the queue has accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass did."""

    claimed: int
    published: int


class Relay:
    """`run_once` is one pass for every pool; `start` passes whenever woken and every `interval` seconds anyway.

    Each pool has a thread of its own: a call to a queue that hangs takes a minute and a half to fail.
    A crash after sending repeats the message, which Acquire drops.
    """

    def __init__(
        self, engine: Database, queues: Mapping[Pool, Queue], *, interval: float, claim: float, log_days: int = 7
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._interval = interval
        self._claim = claim
        self._log_days = log_days
        self._awake = {pool: threading.Event() for pool in queues}
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run_forever, args=(pool,), name=f"relay-{pool}", daemon=True)
            for pool in queues
        ]

    def wake(self) -> None:
        """A doorbell was just committed."""
        for awake in self._awake.values():
            awake.set()

    def start(self) -> None:
        """Passes until stopped. A database that is away is waited for."""
        for thread in self._threads:
            thread.start()

    def is_alive(self) -> bool:
        """Whether every pool has its passes."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self, grace_seconds: float) -> None:
        """Lets the current passes finish, at most for the grace all together."""
        self._stopped.set()
        self.wake()
        give_up = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.monotonic()))

    def run_once(self) -> Pass:
        """A pass for every pool, one after the other."""
        passes = [self._pass(pool) for pool in self._queues]
        return Pass(claimed=sum(done.claimed for done in passes), published=sum(done.published for done in passes))

    def _pass(self, pool: Pool) -> Pass:
        """Claims heads of groups, sends them, marks what the queue took and releases the rest."""
        with transaction(self._engine) as tx:
            doorbells = outbox.claim(tx, pool, most=BATCH, seconds=self._claim)
        if not doorbells:
            return Pass(claimed=0, published=0)
        reach(Failpoint.RELAY_CLAIMED)
        sent = self._send(pool, doorbells)
        reach(Failpoint.RELAY_SENT)
        with transaction(self._engine) as tx:
            outbox.mark_published(tx, sent)
            outbox.release(tx, [bell.id for bell in doorbells if bell.id not in sent])
        return Pass(claimed=len(doorbells), published=len(sent))

    def _send(self, pool: Pool, doorbells: Sequence[Doorbell]) -> Sequence[int]:
        try:
            return self._queues[pool].send_batch(doorbells)
        except OcpctlError as error:
            log.warning("queue away", pool=pool, error=str(error), waiting=len(doorbells))
            return []

    def _run_forever(self, pool: Pool) -> None:
        passes = 0
        while not self._stopped.is_set():
            self._awake[pool].clear()
            full = self._pass_safely(pool, prune=passes % PRUNE_EVERY_PASSES == 0)
            passes += 1
            if not full:
                self._awake[pool].wait(self._interval)

    def _pass_safely(self, pool: Pool, *, prune: bool) -> bool:
        """Whether another pass should follow at once."""
        try:
            done = self._pass(pool)
            if prune:
                self._prune()
        except OcpctlError as error:
            log.warning("relay pass failed", error=str(error))
            return False
        except Exception:
            log.exception("defect in the relay")
            return False
        return done.published == done.claimed > 0

    def _prune(self) -> None:
        with transaction(self._engine) as tx:
            keys, doorbells = idempotency.prune(tx), outbox.prune(tx)
            lines, ended = job_logs.prune(tx, days=self._log_days), sessions.prune(tx)
        log.info("pruned", keys=keys, doorbells=doorbells, log_lines=lines, sessions=ended)
