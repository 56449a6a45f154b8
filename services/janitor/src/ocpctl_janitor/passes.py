"""What a sweep does once: find candidates with one SELECT and ask the scheduler about each of them."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Protocol

import structlog
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.errors import OcpctlError
from ocpctl_common.rpc.client import call
from ocpctl_common.store.engine import Database, Transaction, autocommit
from ocpctl_common.store.queries.janitor import Candidate
from ocpctl_common.telemetry import traces

from ocpctl_janitor.settings import JanitorSettings

SECONDS = 5.0
AT_ONCE = 4  # questions of one sweep; the schedulers have other work
WINDOW = 10  # batches that are looked at to choose one: two janitors seldom choose the same

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What a pass works with."""

    settings: JanitorSettings
    engine: Database
    scheduler: SweepServiceStub


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one pass did. `failed` candidates are seen again by the next pass; after a `full` one there are more."""

    found: int
    applied: int
    failed: int
    full: bool = False


class Pass(Protocol):
    """What is done again and again."""

    def run_once(self) -> Report:
        """One pass."""


class Find(Protocol):
    """A SELECT."""

    def __call__(self, tx: Transaction, settings: JanitorSettings, /, *, limit: int) -> Sequence[Candidate]:
        """At most about `limit` candidates, those that wait longest first."""


class CandidatePass:
    """`run_once` finds and asks a batch, by chance among those that wait longest.

    One candidate that fails never stops the others: while there are more than a batch, each is asked once.
    """

    def __init__(self, sweep: str, find: Find, on: Dependencies) -> None:
        self._sweep = sweep
        self._find = find
        self._on = on
        self._asked: frozenset[Candidate] = frozenset()  # since there were no more than a batch

    def run_once(self) -> Report:
        """One pass. Raises Unavailable when the database is away."""
        chosen, full = self._chosen()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asking = [pool.submit(copy_context().run, self._ask, candidate) for candidate in chosen]
        answers = [one.result() for one in asking]
        applied = sum(1 for answer in answers if answer and answer.applied)
        failed = sum(1 for answer in answers if answer is None)
        return Report(found=len(chosen), applied=applied, failed=failed, full=full)

    def _chosen(self) -> tuple[Sequence[Candidate], bool]:
        """A batch, and whether there are more."""
        batch = self._on.settings.batch
        with autocommit(self._on.engine) as tx:
            found = self._find(tx, self._on.settings, limit=WINDOW * batch + len(self._asked))
        fresh = [candidate for candidate in found if candidate not in self._asked]
        if len(fresh) <= batch:
            self._asked = frozenset()
            return fresh, False
        chosen = random.sample(fresh, batch)
        self._asked = self._asked.union(chosen)
        return chosen, True

    def _ask(self, candidate: Candidate) -> pb.SweepResponse | None:
        try:
            with traces.span(f"sweep {self._sweep}", **candidate.log_keys()):
                answer = ask(self._on.scheduler, self._sweep, candidate)
        except OcpctlError as error:
            log.warning("candidate failed", sweep=self._sweep, error=error.message, **candidate.log_keys())
            return None
        keys = {"sweep": self._sweep, "applied": answer.applied, "reason": answer.reason}
        log.info("candidate asked", **keys, **candidate.log_keys())
        return answer


def ask(scheduler: SweepServiceStub, sweep: str, candidate: Candidate) -> pb.SweepResponse:
    """The scheduler checks the candidate again and does what the sweep is for. Raises what the call raises."""
    request = pb.ApplySweepRequest(
        sweep=sweep, cluster_id=candidate.cluster_id, job_id=candidate.job_id, seen=candidate.seen
    )
    return call(scheduler.ApplySweep, request, timeout=SECONDS)
