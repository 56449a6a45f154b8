"""The sweeps: each finds candidates with one SELECT and asks the scheduler about each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.errors import OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.ids import ClusterId
from ocpctl_common.rpc.client import call
from ocpctl_common.store.engine import Database, Transaction, autocommit
from ocpctl_common.store.queries import janitor
from ocpctl_common.telemetry import metrics

SECONDS = 5.0
Candidate = TypeVar("Candidate")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one pass did. `failed` candidates are seen again by the next pass; after a `full` one there are more."""

    found: int
    applied: int
    failed: int
    full: bool = False


class Sweep(Generic[Candidate]):
    """`run_once` finds and asks; one candidate that fails never stops the others."""

    def __init__(
        self,
        name: str,
        engine: Database,
        find: Callable[[Transaction], Sequence[Candidate]],
        ask: Callable[[Candidate], pb.SweepResponse],
        *,
        batch: int,
    ) -> None:
        self.name = name
        self._batch = batch
        self._engine = engine
        self._find = find
        self._ask = ask

    def run_once(self) -> Report:
        """One pass. Raises Unavailable when the database is away."""
        with autocommit(self._engine) as tx:
            found = self._find(tx)
        answers = [self._asked(candidate) for candidate in found]
        applied = sum(1 for answer in answers if answer and answer.applied)
        failed = sum(1 for answer in answers if answer is None)
        return Report(found=len(found), applied=applied, failed=failed, full=len(found) >= self._batch)

    def _asked(self, candidate: Candidate) -> pb.SweepResponse | None:
        try:
            answer = self._ask(candidate)
        except OcpctlError as error:
            log.warning("candidate failed", sweep=self.name, candidate=str(candidate), error=error.message)
            return None
        log.info(
            "candidate asked", sweep=self.name, candidate=str(candidate), applied=answer.applied, reason=answer.reason
        )
        return answer


def take_overs(engine: Database, stub: SweepServiceStub, *, batch: int) -> Sweep[janitor.DeadLease]:
    """Frees the leases of dead runners; the scheduler knows how long they must have been dead."""

    def ask(dead: janitor.DeadLease) -> pb.SweepResponse:
        reach(Failpoint.JANITOR_TAKEOVER)
        request = pb.TakeOverRequest(cluster_id=dead.cluster_id, fence=dead.fence)
        return call(stub.TakeOver, request, timeout=SECONDS)

    def find(tx: Transaction) -> Sequence[janitor.DeadLease]:
        return janitor.dead_leases(tx, most=batch)

    return Sweep("takeover", engine, find, ask, batch=batch)


def expiries(engine: Database, stub: SweepServiceStub, *, batch: int) -> Sweep[ClusterId]:
    """Destroys clusters whose time is over."""

    def ask(cluster_id: ClusterId) -> pb.SweepResponse:
        return call(stub.ExpireCluster, pb.ExpireClusterRequest(cluster_id=cluster_id), timeout=SECONDS)

    def find(tx: Transaction) -> Sequence[ClusterId]:
        return janitor.expired_clusters(tx, most=batch)

    return Sweep("expiry", engine, find, ask, batch=batch)


def rings(engine: Database, stub: SweepServiceStub, *, silence: float, batch: int) -> Sweep[janitor.SilentJob]:
    """Rings for due jobs whose doorbell was lost or whose pause has ended."""

    def ask(job: janitor.SilentJob) -> pb.SweepResponse:
        request = pb.RingJobRequest(job_id=job.job_id, dispatch_no=job.dispatch_no)
        return call(stub.RingJob, request, timeout=SECONDS)

    def find(tx: Transaction) -> Sequence[janitor.SilentJob]:
        return janitor.silent_jobs(tx, silence_seconds=silence, most=batch)

    return Sweep("ring", engine, find, ask, batch=batch)


def looks(engine: Database, stub: SweepServiceStub, *, batch: int) -> Sweep[ClusterId]:
    """Has it looked again for what was proven gone."""

    def ask(cluster_id: ClusterId) -> pb.SweepResponse:
        return call(stub.SweepCluster, pb.SweepClusterRequest(cluster_id=cluster_id), timeout=SECONDS)

    def find(tx: Transaction) -> Sequence[ClusterId]:
        return janitor.due_sweeps(tx, most=batch)

    return Sweep("look", engine, find, ask, batch=batch)


class ClusterGauge:
    """Counts clusters for ocpctl_clusters_total. Every janitor does: docs/operations.md has the query for many."""

    name = "gauge"

    def __init__(self, engine: Database) -> None:
        self._engine = engine
        self._known: set[tuple[str, str]] = set()

    def run_once(self) -> Report:
        """One count; what is not there any more is shown as zero. Raises Unavailable, and shows nothing then."""
        try:
            with autocommit(self._engine) as tx:
                counts = janitor.cluster_counts(tx)
        except OcpctlError:
            metrics.clusters_total.clear()
            self._known.clear()
            raise
        counted = {(count.platform, count.status): count.clusters for count in counts}
        self._known |= counted.keys()
        for platform, status in self._known:
            metrics.clusters_total.labels(platform=platform, status=status).set(counted.get((platform, status), 0))
        return Report(found=len(counts), applied=0, failed=0)
