"""Reconcile: repairs a state that nobody works on. It must never be needed, and is done when it is.

The rules are `store/queries/invariants.py`. Each repair is the smallest step that lets the ordinary machinery go on.
None of them declares anything proven, and none frees a lease whose holder may live.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ocpctl_common.ids import ClusterId, new_job_id
from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.states import JobStatus, JobType, Outcome
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.store import attempts, clusters, history, jobs, leases, outbox
from ocpctl_common.store.attempts import End
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.jobs import NewJob
from ocpctl_common.store.queries import invariants
from ocpctl_common.store.queries.invariants import Breach
from ocpctl_common.store.rows import Lease

from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.changes import move_cluster, move_job
from ocpctl_scheduler.destroying import destroys, request_destroy
from ocpctl_scheduler.post_destroy_verification import open_verification
from ocpctl_scheduler.redispatch import APPLIED
from ocpctl_scheduler.rules import LeaseRules

ORPHANED = "The work on this cluster had been lost; a person is needed."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repair:
    """What a repair works with; the lease row is locked."""

    tx: Transaction
    rules: LeaseRules
    lease: Lease

    @property
    def cluster_id(self) -> ClusterId:
        return self.lease.cluster_id


def restore(engine: Database, rules: LeaseRules, cluster_id: ClusterId) -> str:
    """Repairs the first state of a cluster that has no owner. Returns APPLIED or why nothing was done.

    One at a time: the repair of one is often that of the others; what is left is seen by the next pass.
    """
    with transaction(engine) as tx:
        repair = _Repair(tx=tx, rules=rules, lease=leases.lock(tx, cluster_id))
        refusal = "NOTHING_WRONG"
        for breach in invariants.breaches_of(tx, cluster_id):
            refusal = REPAIRS[breach.invariant](repair)
            if refusal == APPLIED:
                _audit(tx, breach)
                break
        return refusal


def _audit(tx: Transaction, breach: Breach) -> None:
    event = history.new_event(
        actor=JANITOR,
        action="OWNER_RESTORED",
        correlation_id=_correlation(breach.cluster_id),
        cluster_id=breach.cluster_id,
        reason=f"{breach.invariant}: {breach.found}",
    )
    history.audit(tx, event)


def _correlation(cluster_id: ClusterId) -> str:
    return f"owner-{cluster_id}"


def _destroy(repair: _Repair) -> str:
    """A DESTROYING cluster gets the job that it lacks."""
    request_destroy(
        repair.tx,
        repair.lease,
        job_type=JobType.JANITOR_DESTROY,
        actor=JANITOR,
        correlation_id=_correlation(repair.cluster_id),
        traceparent="",
    )
    return APPLIED


def _reopen(repair: _Repair) -> str:
    """What is said to be gone and is not proven gone is DESTROYING again."""
    tx, cluster = repair.tx, clusters.get(repair.tx, repair.cluster_id)
    new = NewJob(
        id=new_job_id(),
        cluster_id=cluster.id,
        job_type=JobType.JANITOR_DESTROY,
        requested_by=JANITOR,
        correlation_id=_correlation(cluster.id),
        traceparent="",
    )
    if any(destroys(job, cluster) for job in jobs.open_jobs(tx, cluster.id)):
        return "BUSY"
    job = outbox.open_job(tx, new)
    move_cluster(tx, cluster, ClusterEvent.REMAINS_FOUND, job=job, actor=JANITOR, lease=repair.lease)
    return APPLIED


def _verify(repair: _Repair) -> str:
    """What an older attempt left beside a cluster that lives is looked for and destroyed."""
    return open_verification(repair.tx, repair.cluster_id)


def _give_up(repair: _Repair) -> str:
    """Work whose job is gone has failed; what it left is the person's who is needed now."""
    tx, cluster = repair.tx, clusters.get(repair.tx, repair.cluster_id)
    last = jobs.last(tx, cluster.id)
    if last is None or repair.lease.held:
        return "NO_JOB" if last is None else "LEASE_HELD"
    changes: dict[str, Any] = {"status_reason": ORPHANED}
    event = next(kind.given_up for kind in KINDS.values() if kind.given_up and cluster.status in kind.owns)
    if event is ClusterEvent.INSTALL_GIVEN_UP:
        needing_cleanup = bool(attempts.needing_cleanup(tx, cluster.id))
        changes |= {"resources_remaining": needing_cleanup, "release_name": not needing_cleanup}
    move_cluster(tx, cluster, event, job=last, actor=JANITOR, lease=repair.lease, **changes)
    return APPLIED


def _free(repair: _Repair) -> str:
    """A lease without running work is freed like a dead runner's: only when its holder cannot live any more."""
    quarantine = repair.rules.quarantine
    dead = leases.lock_dead(repair.tx, repair.cluster_id, fence=repair.lease.fence, quarantine_seconds=quarantine)
    if dead is None:
        return "NOT_DEAD"
    leases.free(repair.tx, dead, advance_fence=True)
    return APPLIED


def _retry(repair: _Repair) -> str:
    """A job whose run nobody does is done again, or ends if it was cancelled."""
    for job in jobs.open_jobs(repair.tx, repair.cluster_id):
        if job.status is not JobStatus.RUNNING or job.id == repair.lease.job_id:
            continue
        if job.cancel_requested_at is not None:
            move_job(repair.tx, job, JobEvent.CANCELLED)
        else:
            move_job(repair.tx, job, JobEvent.TO_BE_RETRIED, pause_seconds=0.0)
            outbox.redispatch(repair.tx, jobs.get(repair.tx, job.id))
    return APPLIED


def _end_attempts(repair: _Repair) -> str:
    """An attempt without the lease is fenced off: it has ended, whatever its runner believes."""
    for attempt in attempts.not_ended(repair.tx, repair.cluster_id):
        if attempt.id != repair.lease.attempt_id:
            attempts.end(repair.tx, repair.cluster_id, attempt.id, End(outcome=Outcome.LEASE_LOST, message=ORPHANED))
    return APPLIED


REPAIRS: Mapping[str, Callable[[_Repair], str]] = {
    "DESTROYING_HAS_JOB": _destroy,
    "WORK_HAS_JOB": _give_up,
    "REMAINS_HAVE_OWNER": _verify,
    "GONE_HAS_NOTHING_LEFT": _reopen,
    "LEASE_HAS_RUNNING_JOB": _free,
    "RUNNING_JOB_HAS_LEASE": _retry,
    "RUNNING_ATTEMPT_HAS_LEASE": _end_attempts,
}
