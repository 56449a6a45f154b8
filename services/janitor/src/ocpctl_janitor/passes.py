"""What a sweep does once: find candidates with one SELECT and ask the scheduler about each of them."""

from collections.abc import Callable, Sequence
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
Find = Callable[[Transaction, JanitorSettings], Sequence[Candidate]]

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


class CandidatePass:
    """`run_once` finds and asks; one candidate that fails never stops the others."""

    def __init__(self, sweep: str, find: Find, on: Dependencies) -> None:
        self._sweep = sweep
        self._find = find
        self._on = on

    def run_once(self) -> Report:
        """One pass. Raises Unavailable when the database is away."""
        with autocommit(self._on.engine) as tx:
            found = self._find(tx, self._on.settings)
        answers = [self._asked(candidate) for candidate in found]
        applied = sum(1 for answer in answers if answer and answer.applied)
        failed = sum(1 for answer in answers if answer is None)
        return Report(found=len(found), applied=applied, failed=failed, full=len(found) >= self._on.settings.batch)

    def _asked(self, candidate: Candidate) -> pb.SweepResponse | None:
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
