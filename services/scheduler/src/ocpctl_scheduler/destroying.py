"""Destroys: requested by their name, as the cancel of a create, or again by an operator. All take the same path."""

from collections.abc import Callable
from dataclasses import dataclass

from ocpctl_common.errors import WrongState
from ocpctl_common.ids import ClusterId, new_job_id
from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.states import CANCELLABLE, RETRYABLE, ClusterStatus, JobStatus, JobType
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store import clusters, history, jobs, leases, outbox
from ocpctl_common.store.engine import Database, Transaction
from ocpctl_common.store.jobs import NewJob
from ocpctl_common.store.rows import Cluster, Job, Lease

from ocpctl_scheduler.changes import move_cluster, move_job
from ocpctl_scheduler.idempotency import once

Check = Callable[[Transaction, Cluster], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyCommand:
    """Which cluster, and how the request is followed."""

    cluster_id: ClusterId
    correlation_id: str
    traceparent: str


def accept_destroy(engine: Database, request: RequestKey, command: DestroyCommand) -> Accepted:
    """Durable when it returns. A cluster that is being destroyed answers with the running job.

    Raises NotFound, WrongState (already destroyed), KeyReused, RequestInProgress, Unavailable.
    """
    return once(engine, request, lambda tx: _destroy(tx, request, command), Accepted.again)


def accept_cancel(engine: Database, request: RequestKey, command: DestroyCommand) -> Accepted:
    """The same for a cluster whose create has not ended; a cancelled one answers with the running destroy.

    Raises WrongState (NOT_CREATING) in every other state, and what a destroy raises.
    """
    return once(
        engine, request, lambda tx: _destroy(tx, request, command, _check_creating, "CREATE_CANCELLED"), Accepted.again
    )


def accept_retry(engine: Database, request: RequestKey, command: DestroyCommand) -> Accepted:
    """The same for a cluster whose destroy did not get on, or whose create left something.

    Raises WrongState (NOTHING_TO_RETRY) in every other state, and what a destroy raises.
    """
    return once(
        engine, request, lambda tx: _destroy(tx, request, command, _check_stuck, "DESTROY_RETRIED"), Accepted.again
    )


def _destroy(
    tx: Transaction, request: RequestKey, command: DestroyCommand, check: Check | None = None, action: str = ""
) -> Accepted:
    lease = leases.lock(tx, command.cluster_id)
    if check:
        check(tx, clusters.get(tx, command.cluster_id))
    job = request_destroy(
        tx,
        lease,
        job_type=JobType.DESTROY,
        actor=request.principal,
        correlation_id=command.correlation_id,
        traceparent=command.traceparent,
    )
    if action:
        _audit(tx, job, action, actor=request.principal, correlation_id=command.correlation_id)
    return Accepted(cluster_id=command.cluster_id, job_id=job.id, status=ClusterStatus.DESTROYING)


def _check_creating(tx: Transaction, cluster: Cluster) -> None:
    cancelled = cluster.status is ClusterStatus.DESTROYING and jobs.create_cancelled(tx, cluster.id)
    if cluster.status not in CANCELLABLE and not cancelled:
        message = f"cluster {cluster.id} is {cluster.status}; only a create that has not ended can be cancelled"
        raise WrongState(message, reason="NOT_CREATING")


def _check_stuck(tx: Transaction, cluster: Cluster) -> None:
    if cluster.status not in RETRYABLE:
        message = f"cluster {cluster.id} is {cluster.status}; only {' and '.join(sorted(RETRYABLE))} are tried again"
        raise WrongState(message, reason="NOTHING_TO_RETRY")


def request_destroy(
    tx: Transaction, lease: Lease, *, job_type: JobType, actor: str, correlation_id: str, traceparent: str
) -> Job:
    """Opens the destroy job of a cluster whose lease row is locked, or returns the one that is open.

    A job that pauses before its next try is tried now: a person who asks again may have repaired the cause. A cluster
    that is DESTROYING without an open job gets a job; otherwise nobody would work on it.
    """
    cluster = clusters.get(tx, lease.cluster_id)
    open_jobs = jobs.open_jobs(tx, lease.cluster_id)
    if running := next((job for job in open_jobs if destroys(job, cluster)), None):
        if running.status is JobStatus.RETRYING and not running.due:
            outbox.redispatch(tx, running, pause_seconds=0.0)
            _audit(tx, running, "DESTROY_HURRIED", actor=actor, correlation_id=correlation_id)
        return running
    if cluster.status is ClusterStatus.DESTROYED:
        raise WrongState(f"cluster {cluster.id} is already destroyed; its receipt is the proof", reason="DESTROYED")
    new = NewJob(
        id=new_job_id(),
        cluster_id=cluster.id,
        job_type=job_type,
        requested_by=actor,
        correlation_id=correlation_id,
        traceparent=traceparent,
    )
    return _begin_destroy(tx, cluster, lease, new, open_jobs)


def destroys(job: Job, cluster: Cluster) -> bool:
    """Whether the job destroys the cluster, as a verification does that has found remains: no second job may."""
    kind = KINDS[job.job_type]
    return kind.destroys or (cluster.status is ClusterStatus.DESTROYING and cluster.status in kind.owns)


def _begin_destroy(tx: Transaction, cluster: Cluster, lease: Lease, new: NewJob, open_jobs: list[Job]) -> Job:
    """Cancels what runs, opens the job and moves the cluster; freeing a held lease redispatches."""
    for other in open_jobs:
        cancel(tx, other)
    job = outbox.open_job(tx, new)
    move_cluster(tx, cluster, ClusterEvent.DESTROY_REQUESTED, job=job, actor=new.requested_by, lease=lease)
    return job


def cancel(tx: Transaction, job: Job) -> None:
    """A waiting job ends now; a running one is told by its next heartbeat and by the gate before money."""
    if job.status is JobStatus.RUNNING:
        jobs.set_status(tx, job, job.status, {"cancel_requested": True})
    else:
        move_job(tx, job, JobEvent.CANCELLED)


def _audit(tx: Transaction, job: Job, action: str, *, actor: str, correlation_id: str) -> None:
    event = history.new_event(
        actor=actor, action=action, correlation_id=correlation_id, cluster_id=job.cluster_id, job_id=job.id
    )
    history.audit(tx, event)
