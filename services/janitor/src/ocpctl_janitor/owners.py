"""Counts the states that nobody works on, and has the scheduler give each an owner."""

from collections import Counter

import structlog
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.ids import ClusterId
from ocpctl_common.rpc.client import call
from ocpctl_common.store.engine import Database, Transaction
from ocpctl_common.store.queries import invariants
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.sweeps import SECONDS, Sweep

log = structlog.get_logger()


def owners(engine: Database, stub: SweepServiceStub, *, batch: int) -> Sweep[ClusterId]:
    """Each cluster is asked for once a pass; the scheduler judges again under its lock."""

    def ask(cluster_id: ClusterId) -> pb.SweepResponse:
        return call(stub.RestoreOwner, pb.RestoreOwnerRequest(cluster_id=cluster_id), timeout=SECONDS)

    return Sweep("owner", engine, find, ask, batch=batch)


def find(tx: Transaction) -> list[ClusterId]:
    """Clusters with a state that has no owner. Sets the gauge of every rule, also to zero."""
    found = invariants.breaches(tx)
    counts = Counter(breach.invariant for breach in found)
    for rule in invariants.INVARIANTS:
        metrics.states_without_owner.labels(invariant=rule.name).set(counts[rule.name])
    for breach in found:
        log.error("state without owner", invariant=breach.invariant, cluster_id=breach.cluster_id, found=breach.found)
    return list(dict.fromkeys(breach.cluster_id for breach in found))
