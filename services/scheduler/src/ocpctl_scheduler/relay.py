"""The outbox relay: publishes messages of the outbox to their destinations. Any number of relays may run.

Order within a group is kept in each destination. One that is away, or hangs, holds nothing up in the others. What
cannot be read, or is of a kind that this version does not know, is logged, stays, and holds its group up.
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
from ocpctl_common.messages import JobDispatch, Message
from ocpctl_common.store import outbox
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.store.outbox import JOBS, Destination, Envelope

BATCH = 10  # SQS takes at most ten messages a call
SENDS_AT_ONCE = 8  # to one destination, while its claims are full
TELL_EVERY_PASSES = 600

log = structlog.get_logger()


class Publisher(Protocol):
    """Sends to one destination."""

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        """Sends; returns the ids of the rows that were accepted. Raises OcpctlError when it can send nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which kinds of messages go to a destination, and who sends them."""

    destination: Destination
    kinds: tuple[type[Message], ...]
    publisher: Publisher


def job_routes(queues: Mapping[Pool, Publisher]) -> list[Route]:
    """Job dispatch, to the queue of each pool."""
    return [
        Route(destination=Destination(name=JOBS, pool=pool), kinds=(JobDispatch,), publisher=queue)
        for pool, queue in queues.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass did."""

    claimed: int
    published: int


class Relay:
    """`run_once` is one pass for every route; `start` passes whenever woken and every `interval` seconds anyway.

    Each route has threads of its own: a call to a destination that hangs takes a minute and a half to fail. One passes;
    the others help while claims are full, since a destination answers in tens of milliseconds whatever it is sent. A
    group has one message under way at a time, so its order stays.
    A crash after sending repeats the message: receivers know it by its deduplication id, and Acquire drops it.
    """

    def __init__(self, engine: Database, routes: Sequence[Route], *, interval: float, claim: float) -> None:
        self._engine = engine
        self._routes = routes
        self._interval = interval
        self._claim = claim
        self._awake = {route.destination: threading.Event() for route in routes}
        # Refused one by one while claims were full: left out until all others had their turn.
        self._refused: dict[Destination, frozenset[int]] = {route.destination: frozenset() for route in routes}
        self._full = {route.destination: threading.Event() for route in routes}
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=run, args=(route,), name=f"relay-{route.destination}", daemon=True)
            for route in routes
            for run in (self._run_forever, *[self._help_forever] * (SENDS_AT_ONCE - 1))
        ]

    def wake(self) -> None:
        """A message was just committed."""
        for awake in self._awake.values():
            awake.set()

    def start(self) -> None:
        """Passes until stopped. A database that is away is waited for."""
        for thread in self._threads:
            thread.start()

    def is_alive(self) -> bool:
        """Whether every route has its passes."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self, grace_seconds: float) -> None:
        """Lets the current passes finish, at most for the grace all together."""
        self._stopped.set()
        self.wake()
        for full in self._full.values():
            full.set()
        deadline = time.monotonic() + grace_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def run_once(self) -> Pass:
        """A pass for every route, one after the other."""
        passes = [self._pass(route) for route in self._routes]
        return Pass(claimed=sum(done.claimed for done in passes), published=sum(done.published for done in passes))

    def _pass(self, route: Route) -> Pass:
        """Claims heads of groups, sends them, marks what was taken and releases the rest."""
        envelopes = self._claimed(route)
        if not envelopes:
            return Pass(claimed=0, published=0)
        if len(envelopes) == BATCH:
            self._full[route.destination].set()
        reach(Failpoint.RELAY_CLAIMED)
        sent = self._send(route, envelopes)
        reach(Failpoint.RELAY_SENT)
        with transaction(self._engine) as tx:
            outbox.mark_published(tx, sent)
            outbox.release(tx, [envelope.id for envelope in envelopes if envelope.id not in sent])
        return Pass(claimed=len(envelopes), published=len(sent))

    def _claimed(self, route: Route) -> Sequence[Envelope]:
        refused = self._refused[route.destination]
        with transaction(self._engine) as tx:
            claim = outbox.claim(
                tx, route.destination, route.kinds, limit=BATCH, seconds=self._claim, without=sorted(refused)
            )
        if len(claim.envelopes) + len(claim.poison) < BATCH:
            self._refused[route.destination] = frozenset()  # all others had their turn
        for poison in claim.poison:  # logged again when the claim has run out
            log.error("message cannot be read", outbox_id=poison.id, group=poison.group_id, problem=poison.problem)
        return claim.envelopes

    def _send(self, route: Route, envelopes: Sequence[Envelope]) -> Sequence[int]:
        try:
            sent = route.publisher.send_batch(envelopes)
        except OcpctlError as error:
            keys = {"destination": str(route.destination), "error": str(error), "waiting": len(envelopes)}
            log.warning("destination away", **keys)
            return []
        if len(envelopes) == BATCH:
            refused = {envelope.id for envelope in envelopes}.difference(sent)
            self._refused[route.destination] = self._refused[route.destination] | refused
        return sent

    def _run_forever(self, route: Route) -> None:
        passes = 0
        awake = self._awake[route.destination]
        while not self._stopped.is_set():
            awake.clear()
            full = self._pass_safely(route, tell=passes % TELL_EVERY_PASSES == 0)
            passes += 1
            if not full:
                awake.wait(self._interval)

    def _help_forever(self, route: Route) -> None:
        full = self._full[route.destination]
        while full.wait() and not self._stopped.is_set():
            if not self._pass_safely(route, tell=False):
                full.clear()

    def _pass_safely(self, route: Route, *, tell: bool) -> bool:
        """Whether another pass should follow at once."""
        try:
            done = self._pass(route)
            if tell:
                self.tell_unknown()
        except OcpctlError as error:
            log.warning("relay pass failed", error=str(error))
            return False
        except Exception:
            log.exception("defect in the relay")
            return False
        return done.published == done.claimed > 0

    def tell_unknown(self) -> None:
        """Logs what waits and has no route here: a newer scheduler has written it, and may send it."""
        known = {(route.destination, kind.KIND) for route in self._routes for kind in route.kinds}
        with transaction(self._engine) as tx:
            waiting = outbox.waiting(tx)
        for one in waiting:
            if (one.destination, one.kind) not in known:
                keys = {"destination": str(one.destination), "kind": one.kind, "waiting": one.messages}
                log.error("messages without a route", **keys)
