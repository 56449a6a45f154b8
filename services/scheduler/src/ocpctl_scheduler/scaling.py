"""Changes the number of workers of a READY cluster."""

from dataclasses import dataclass

from ocpctl_common.errors import PolicyRefused
from ocpctl_common.ids import ClusterId, new_job_id
from ocpctl_common.lifecycle.states import ClusterStatus, JobType
from ocpctl_common.lifecycle.transitions import CLUSTER_TRANSITIONS, ClusterEvent, decide
from ocpctl_common.profiles.workers import WorkerLimits
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store import clusters, leases, outbox
from ocpctl_common.store.engine import Database, Transaction
from ocpctl_common.store.jobs import NewJob

from ocpctl_scheduler.changes import move_cluster
from ocpctl_scheduler.idempotency import once


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleCommand:
    """The new number of workers, what policy allows, and what an hour costs afterwards."""

    cluster_id: ClusterId
    worker_replicas: int
    limits: WorkerLimits
    hourly_cost_micros: int
    correlation_id: str
    traceparent: str


def accept_scale(engine: Database, request: RequestKey, command: ScaleCommand) -> Accepted:
    """Durable when it returns. The same key gives the same answer again, whatever the limits would say now.

    Raises NotFound, WrongState (not READY), PolicyRefused, KeyReused, RequestInProgress, Unavailable.
    """
    return once(engine, request, lambda tx: _scale(tx, request, command), Accepted.again)


def _scale(tx: Transaction, request: RequestKey, command: ScaleCommand) -> Accepted:
    lease = leases.lock(tx, command.cluster_id)
    cluster = clusters.get(tx, command.cluster_id)
    decide(CLUSTER_TRANSITIONS, ClusterEvent.SCALE_REQUESTED, cluster.status)
    if problem := command.limits.problem(command.worker_replicas):
        raise PolicyRefused(f"{problem.field}: {problem.description}", problems=[problem])
    new = _job(request, command)
    job = outbox.open_job(tx, new)
    move_cluster(tx, cluster, ClusterEvent.SCALE_REQUESTED, job=job, actor=request.principal, lease=lease)
    return Accepted(cluster_id=cluster.id, job_id=new.id, status=ClusterStatus.SCALING)


def _job(request: RequestKey, command: ScaleCommand) -> NewJob:
    return NewJob(
        id=new_job_id(),
        cluster_id=command.cluster_id,
        job_type=JobType.SCALE_WORKERS,
        requested_by=request.principal,
        correlation_id=command.correlation_id,
        traceparent=command.traceparent,
        worker_replicas=command.worker_replicas,
        hourly_cost_micros=command.hourly_cost_micros,
    )
