"""The ways to ask for a destroy: as such, as the cancel of a create, and again by an operator. One path behind them."""

from collections.abc import Callable
from dataclasses import dataclass

from ocpctl_common.errors import WrongState
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import CANCELLABLE, RETRYABLE, ClusterStatus, JobType
from ocpctl_common.store import clusters, history, jobs, leases
from ocpctl_common.store.accepting import Accepted, RequestKey
from ocpctl_common.store.engine import Database, Transaction
from ocpctl_common.store.rows import Cluster, Job

from ocpctl_scheduler.accepting import new_audit_id, request_destroy
from ocpctl_scheduler.idempotency import once

Check = Callable[[Transaction, Cluster], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyWish:
    """Which cluster, and how the request is followed."""

    cluster_id: ClusterId
    correlation_id: str
    traceparent: str


def accept_destroy(engine: Database, request: RequestKey, wish: DestroyWish) -> Accepted:
    """Durable when it returns. A cluster that is being destroyed answers with the running job.

    Raises NotFound, WrongState (already destroyed), KeyReused, RequestInProgress, Unavailable.
    """
    return once(engine, request, lambda tx: _destroy(tx, request, wish), Accepted.again)


def accept_cancel(engine: Database, request: RequestKey, wish: DestroyWish) -> Accepted:
    """The same for a cluster whose create has not ended; a cancelled one answers with the running destroy.

    Raises WrongState (NOT_CREATING) in every other state, and what a destroy raises.
    """
    return once(
        engine, request, lambda tx: _destroy(tx, request, wish, _check_creating, "CREATE_CANCELLED"), Accepted.again
    )


def accept_retry(engine: Database, request: RequestKey, wish: DestroyWish) -> Accepted:
    """The same for a cluster whose destroy did not get on, or whose create left something.

    Raises WrongState (NOTHING_TO_RETRY) in every other state, and what a destroy raises.
    """
    return once(
        engine, request, lambda tx: _destroy(tx, request, wish, _check_stuck, "DESTROY_RETRIED"), Accepted.again
    )


def _destroy(
    tx: Transaction, request: RequestKey, wish: DestroyWish, check: Check | None = None, action: str = ""
) -> Accepted:
    lease = leases.lock(tx, wish.cluster_id)
    if check:
        check(tx, clusters.get(tx, wish.cluster_id))
    job = request_destroy(
        tx,
        lease,
        job_type=JobType.DESTROY,
        actor=request.principal,
        correlation_id=wish.correlation_id,
        traceparent=wish.traceparent,
    )
    if action:
        history.audit(tx, _event(request, wish, job, action))
    return Accepted(cluster_id=wish.cluster_id, job_id=job.id, status=ClusterStatus.DESTROYING)


def _check_creating(tx: Transaction, cluster: Cluster) -> None:
    cancelled = cluster.status is ClusterStatus.DESTROYING and jobs.create_cancelled(tx, cluster.id)
    if cluster.status not in CANCELLABLE and not cancelled:
        message = f"cluster {cluster.id} is {cluster.status}; only a create that has not ended can be cancelled"
        raise WrongState(message, reason="NOT_CREATING")


def _check_stuck(tx: Transaction, cluster: Cluster) -> None:
    if cluster.status not in RETRYABLE:
        message = f"cluster {cluster.id} is {cluster.status}; only {' and '.join(sorted(RETRYABLE))} are tried again"
        raise WrongState(message, reason="NOTHING_TO_RETRY")


def _event(request: RequestKey, wish: DestroyWish, job: Job, action: str) -> history.AuditEvent:
    return history.AuditEvent(
        id=new_audit_id(),
        actor=request.principal,
        action=action,
        target_cluster_id=wish.cluster_id,
        job_id=job.id,
        correlation_id=wish.correlation_id,
    )
