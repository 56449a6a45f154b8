"""What people ask for: a create, how any destroy begins, and audit events without a state change."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ocpctl_common.errors import RateLimited, WrongState
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.ids import new_event_id, new_job_id
from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.retries import max_attempts
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus, JobType
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.store import accepting, clusters, history, jobs, leases, outbox
from ocpctl_common.store.accepting import Accepted, NewCluster
from ocpctl_common.store.engine import Database, Transaction, autocommit, transaction
from ocpctl_common.store.jobs import NewJob
from ocpctl_common.store.rows import Cluster, Job, Lease

from ocpctl_scheduler.changes import move_cluster, move_job

JANITOR = "ocpctl:janitor"


def accept_create(engine: Database, new: NewCluster, *, creates_per_hour: int) -> Accepted:
    """Durable when it returns. The same key and request give the same answer again, and one cluster.

    Only what makes a cluster counts for its team's hour. Raises NameTaken, KeyReused, RateLimited, RequestInProgress,
    Unavailable.
    """
    with autocommit(engine) as tx:
        reach(Failpoint.ACCEPT_BEFORE_COMMIT)
        inserted = accepting.insert_cluster(tx, new, creates_per_hour=creates_per_hour)
        if inserted.accepted:
            reach(Failpoint.ACCEPT_COMMITTED)
            return Accepted(cluster_id=new.cluster_id, job_id=new.job_id, status=ClusterStatus.PENDING)
        if stored := accepting.find_answer(tx, new.request, partial(_is_same, tx, new)):
            first = Accepted.again(stored)
            return replace(first, spec_json=clusters.get(tx, first.cluster_id).spec)
    if inserted.wait_seconds is not None:
        raise _hour_is_used_up(new.spec.team, creates_per_hour, inserted.wait_seconds)
    return accept_create(engine, new, creates_per_hour=creates_per_hour)  # the key had expired and is gone now


def check_create(engine: Database, spec: ResolvedSpec, *, creates_per_hour: int) -> None:
    """Refuses what `accept_create` would refuse now. Raises NameTaken, RateLimited, Unavailable."""
    with autocommit(engine) as tx:
        wait = accepting.check_create(tx, spec, creates_per_hour=creates_per_hour)
    if wait is not None:
        raise _hour_is_used_up(spec.team, creates_per_hour, wait)


def _is_same(tx: Transaction, new: NewCluster, stored: Mapping[str, Any]) -> bool:
    """Whether both resolve to the same: a default that is left out and the same one written out are one request."""
    first = clusters.get(tx, Accepted.again(stored).cluster_id).spec
    return ResolvedSpec.from_json(first) == new.spec


def _hour_is_used_up(team: str, creates_per_hour: int, wait_seconds: float) -> RateLimited:
    sentence = f"team {team} has created {creates_per_hour} clusters within an hour, which is its limit"
    return RateLimited(sentence, retry_after_seconds=wait_seconds)


def request_destroy(
    tx: Transaction, lease: Lease, *, job_type: JobType, actor: str, correlation_id: str, traceparent: str
) -> Job:
    """Opens the destroy job of a cluster whose lease row is locked, or returns the one that is open.

    One that pauses before its next try is tried now: whoever asks again has repaired what was in its way. A cluster
    that is DESTROYING without an open job gets one: nobody would ever work on it.
    """
    cluster = clusters.get(tx, lease.cluster_id)
    open_jobs = jobs.open_jobs(tx, lease.cluster_id)
    if running := next((job for job in open_jobs if destroys(job, cluster)), None):
        if running.status is JobStatus.RETRYING and not running.due:
            outbox.ring_again(tx, running, pause_seconds=0.0)
            _audit_hurry(tx, running, actor, correlation_id)
        return running
    if cluster.status is ClusterStatus.DESTROYED:
        raise WrongState(f"cluster {cluster.id} is already destroyed; its receipt is the proof", reason="DESTROYED")
    new = NewJob(
        id=new_job_id(),
        cluster_id=cluster.id,
        job_type=job_type,
        max_attempts=max_attempts(job_type),
        requested_by=actor,
        correlation_id=correlation_id,
        traceparent=traceparent,
    )
    jobs.insert(tx, new)
    return _begin_destroy(tx, cluster, lease, new, open_jobs)


def destroys(job: Job, cluster: Cluster) -> bool:
    """A look again that has found remains destroys them itself: no second job may do the same."""
    kind = KINDS[job.job_type]
    return kind.destroys or (cluster.status is ClusterStatus.DESTROYING and cluster.status in kind.owns)


def _audit_hurry(tx: Transaction, job: Job, actor: str, correlation_id: str) -> None:
    event = history.AuditEvent(
        id=new_audit_id(),
        actor=actor,
        action="DESTROY_HURRIED",
        target_cluster_id=job.cluster_id,
        job_id=job.id,
        correlation_id=correlation_id,
    )
    history.audit(tx, event)


def _begin_destroy(tx: Transaction, cluster: Cluster, lease: Lease, new: NewJob, open_jobs: list[Job]) -> Job:
    """Cancels what runs, moves the cluster and rings; a held lease rings again when it is freed."""
    for other in open_jobs:
        cancel(tx, other)
    job = jobs.get(tx, new.id)
    move_cluster(tx, cluster, ClusterEvent.DESTROY_REQUESTED, job=job, actor=new.requested_by, lease=lease)
    outbox.ring_new(tx, new)
    return job


def cancel(tx: Transaction, job: Job) -> None:
    """A waiting job ends now; a running one is told by its next heartbeat and by the gate before money."""
    if job.status is JobStatus.RUNNING:
        jobs.set_status(tx, job, job.status, {"cancel_requested": True})
    else:
        move_job(tx, job, JobEvent.CANCELLED)


def record_audit(engine: Database, event: history.AuditEvent) -> None:
    """Adds an event that belongs to no state change. Its cluster's chain is serialised by the lease row."""
    with transaction(engine) as tx:
        if event.target_cluster_id is not None:
            leases.lock(tx, event.target_cluster_id)
        history.audit(tx, event)


def new_audit_id() -> str:
    """An id for an event that no transition names."""
    return str(new_event_id())
