"""How an attempt ends: reported by its runner, or taken over when the runner is dead."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocpctl_common.ids import AttemptId, ClusterId
from ocpctl_common.lifecycle.retries import LOST, RUNNER, AttemptEnd, Verdict, after_attempt
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import WAITING_JOBS, ClusterStatus, JobType, Outcome
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.store import attempts, clusters, jobs, leases, outbox, outputs
from ocpctl_common.store.attempts import End
from ocpctl_common.store.budgets import AccountPool
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.rows import Attempt, Cluster, Job, Lease, Outputs

from ocpctl_scheduler import budgeting
from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.changes import audit_step, move_cluster, move_job
from ocpctl_scheduler.leasing import Holder
from ocpctl_scheduler.rules import LeaseRules

LOST_MESSAGE = "the runner was lost; its work is cleaned up before the next attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a runner reports. `outputs` only with a successful install."""

    attempt_id: AttemptId
    how: End
    outputs: Outputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """What others need: what the job did, how it goes on, how long this attempt took, whose budget is free now."""

    job_type: JobType
    event: JobEvent
    seconds: float
    pool: AccountPool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """Everything that is known while an attempt ends."""

    lease: Lease
    cluster: Cluster
    job: Job
    attempt: Attempt
    ended: Ended
    actor: str

    @property
    def lost_attempts(self) -> int:
        """Runs of the job's own work that ended with their runner or for its fault, this one included."""
        lost = self.ended.how.outcome in LOST or self.ended.how.failure_class == RUNNER
        return self.job.lost_attempts + int(lost and self.tries)

    @property
    def tries(self) -> bool:
        """Whether it was what the job is for, and no clean-up."""
        return RUNS[self.attempt.mode].own_work


def report(engine: Database, rules: LeaseRules, holder: Holder, ended: Ended) -> JobEnd:
    """Ends the attempt, frees the lease and decides what follows. Raises Fenced.

    There is no check of time: a late report under an unbroken fence is the truth.
    """
    with transaction(engine) as tx:
        lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
        return _end(tx, rules, lease, ended, actor=holder.runner)


def take_over(engine: Database, rules: LeaseRules, cluster_id: ClusterId, fence: int) -> JobEnd | None:
    """Frees a lease whose holder is dead beyond the quarantine; never resumes an install. None: it is not dead."""
    with transaction(engine) as tx:
        lease = leases.lock_dead(tx, cluster_id, fence=fence, quarantine_seconds=rules.quarantine)
        if lease is None or lease.attempt_id is None:
            return None
        lost = Ended(attempt_id=lease.attempt_id, how=End(outcome=Outcome.LEASE_LOST, message=LOST_MESSAGE))
        return _end(tx, rules, lease, lost, actor=JANITOR)


def _end(tx: Transaction, rules: LeaseRules, lease: Lease, ended: Ended, *, actor: str) -> JobEnd:
    attempt = attempts.end(tx, lease.cluster_id, ended.attempt_id, ended.how)
    job = jobs.get(tx, attempt.job_id)
    cluster = clusters.get(tx, lease.cluster_id)
    ending = _Ending(lease=lease, cluster=cluster, job=job, attempt=attempt, ended=ended, actor=actor)
    outcome = ended.how.outcome
    audit_step(tx, job, attempt.id, "ATTEMPT_ENDED", fence=lease.fence, actor=actor, reason=outcome)
    leases.free(tx, lease, advance_fence=outcome is Outcome.LEASE_LOST)
    left = attempts.dirty(tx, lease.cluster_id)
    handed_back = attempts.handed_back(tx, job.id, tries=ending.tries)
    verdict = after_attempt(_facts(ending, left, handed_back=handed_back))
    _apply_to_job(tx, rules, ending, verdict)
    _apply_to_cluster(tx, ending, verdict, dirty=len(left))
    _ring_next(tx, lease.cluster_id)
    pool = _pool(attempt, ending.cluster.platform)
    if pool and ended.how.failure_class == budgeting.THROTTLE:
        budgeting.lower(tx, rules, pool)
    return JobEnd(job_type=job.job_type, event=verdict.job_event, seconds=attempt.seconds, pool=pool)


def _pool(attempt: Attempt, platform: str) -> AccountPool | None:
    """Where the attempt was counted; attempts of runners that named no account were not."""
    if not attempt.account_id:
        return None
    return budgeting.pool_of(platform, attempt.account_id, attempt.region, attempt.mode)


def _facts(ending: _Ending, left: Sequence[Attempt], *, handed_back: int) -> AttemptEnd:
    job = ending.job
    return AttemptEnd(
        job_type=job.job_type,
        outcome=ending.ended.how.outcome,
        failure_class=ending.ended.how.failure_class,
        cancel_requested=job.cancel_requested_at is not None,
        given_up=job.given_up,
        dirty=len(left),
        remains=sum(1 for attempt in left if attempt.found_again),
        attempts=job.attempt,
        max_attempts=job.max_attempts,
        lost_attempts=ending.lost_attempts,
        cleanup_runs=job.cleanup_runs,
        destroying=ending.cluster.status is ClusterStatus.DESTROYING,
        handed_back=handed_back,
    )


def _apply_to_job(tx: Transaction, rules: LeaseRules, ending: _Ending, verdict: Verdict) -> None:
    changes: dict[str, Any] = {"lost_attempts": ending.lost_attempts}
    how = ending.ended.how
    if how.outcome is not Outcome.SUCCEEDED:
        changes |= {"error_code": how.failure_class or how.outcome.value, "error_message": how.message}
    if verdict.give_up:
        changes["given_up"] = True
    if verdict.job_event is JobEvent.TO_BE_RETRIED:
        # Jitter keeps a thousand clusters that failed together from coming back together.
        changes["pause_seconds"] = rules.seconds(verdict.pause_units) * random.uniform(0.8, 1.2)  # noqa: S311
    move_job(tx, ending.job, verdict.job_event, **changes)


def _apply_to_cluster(tx: Transaction, ending: _Ending, verdict: Verdict, *, dirty: int) -> None:
    if verdict.cluster_event is None:
        return
    if verdict.cluster_event is ClusterEvent.INSTALL_SUCCEEDED and ending.ended.outputs is not None:
        outputs.put(tx, ending.lease.cluster_id, ending.ended.outputs)
    move_cluster(
        tx,
        ending.cluster,
        verdict.cluster_event,
        job=ending.job,
        actor=ending.actor,
        lease=ending.lease,
        **_changes(ending, verdict.cluster_event, dirty),
    )


def _changes(ending: _Ending, event: ClusterEvent, dirty: int) -> dict[str, Any]:
    """What an event changes of a cluster besides its status."""
    job, reason = ending.job, ending.ended.how.message or ending.job.error_message
    if event is ClusterEvent.INSTALL_GIVEN_UP:
        return {"status_reason": reason, "resources_remaining": dirty > 0, "release_name": dirty == 0}
    if event is ClusterEvent.WORKERS_SCALED:
        return {"worker_replicas": job.worker_replicas, "hourly_cost_micros": job.hourly_cost_micros}
    return {"status_reason": reason} if event is ClusterEvent.SCALE_GIVEN_UP else {}


def _ring_next(tx: Transaction, cluster_id: ClusterId) -> None:
    """The lease is free: whoever waited for it is rung now; a pause is rung by the janitor when it ends."""
    for job in jobs.open_jobs(tx, cluster_id):
        if job.status in WAITING_JOBS and job.due:
            outbox.ring_again(tx, job)
