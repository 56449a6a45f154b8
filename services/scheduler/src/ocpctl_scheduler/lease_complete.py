"""How an attempt ends: complete, when its runner reports; take over, when its runner is dead."""

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
from ocpctl_common.store.concurrency_limits import ConcurrencyPool
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.rows import Attempt, Cluster, Job, Lease, Outputs

from ocpctl_scheduler import concurrency
from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.changes import audit_step, move_cluster, move_job
from ocpctl_scheduler.lease_renew import Holder
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
    """What others need: what the job did, how it goes on, how long this attempt took, which pool has room now."""

    job_type: JobType
    event: JobEvent
    seconds: float
    pool: ConcurrencyPool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Completion:
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
    completion = _Completion(lease=lease, cluster=cluster, job=job, attempt=attempt, ended=ended, actor=actor)
    outcome = ended.how.outcome
    audit_step(tx, job, attempt.id, "ATTEMPT_ENDED", fence=lease.fence, actor=actor, reason=outcome)
    leases.free(tx, lease, advance_fence=outcome is Outcome.LEASE_LOST)
    left = attempts.needing_cleanup(tx, lease.cluster_id)
    handed_back = attempts.handed_back(tx, job.id, tries=completion.tries)
    verdict = after_attempt(_facts(completion, left, handed_back=handed_back))
    _apply_to_job(tx, rules, completion, verdict)
    _apply_to_cluster(tx, completion, verdict, needing_cleanup=len(left))
    _redispatch_next(tx, lease.cluster_id)
    pool = _pool(attempt, completion.cluster.platform)
    if pool and ended.how.failure_class == concurrency.THROTTLE:
        concurrency.lower(tx, rules, pool)
    return JobEnd(job_type=job.job_type, event=verdict.job_event, seconds=attempt.seconds, pool=pool)


def _pool(attempt: Attempt, platform: str) -> ConcurrencyPool | None:
    """Where the attempt was counted; attempts of runners that named no account were not."""
    if not attempt.account_id:
        return None
    return concurrency.pool_of(platform, attempt.account_id, attempt.region, attempt.mode)


def _facts(completion: _Completion, left: Sequence[Attempt], *, handed_back: int) -> AttemptEnd:
    job = completion.job
    return AttemptEnd(
        job_type=job.job_type,
        outcome=completion.ended.how.outcome,
        failure_class=completion.ended.how.failure_class,
        cancel_requested=job.cancel_requested_at is not None,
        given_up=job.given_up,
        needing_cleanup=len(left),
        remains=sum(1 for attempt in left if attempt.found_again),
        attempts=job.attempt,
        max_attempts=job.max_attempts,
        lost_attempts=completion.lost_attempts,
        cleanup_runs=job.cleanup_runs,
        destroying=completion.cluster.status is ClusterStatus.DESTROYING,
        handed_back=handed_back,
    )


def _apply_to_job(tx: Transaction, rules: LeaseRules, completion: _Completion, verdict: Verdict) -> None:
    changes: dict[str, Any] = {"lost_attempts": completion.lost_attempts}
    how = completion.ended.how
    if how.outcome is not Outcome.SUCCEEDED:
        changes |= {"error_code": how.failure_class or how.outcome.value, "error_message": how.message}
    if verdict.give_up:
        changes["given_up"] = True
    if verdict.job_event is JobEvent.TO_BE_RETRIED:
        # Jitter keeps a thousand clusters that failed together from coming back together.
        changes["pause_seconds"] = rules.seconds(verdict.pause_units) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
    move_job(tx, completion.job, verdict.job_event, **changes)


def _apply_to_cluster(tx: Transaction, completion: _Completion, verdict: Verdict, *, needing_cleanup: int) -> None:
    if verdict.cluster_event is None:
        return
    if verdict.cluster_event is ClusterEvent.INSTALL_SUCCEEDED and completion.ended.outputs is not None:
        outputs.put(tx, completion.lease.cluster_id, completion.ended.outputs)
    move_cluster(
        tx,
        completion.cluster,
        verdict.cluster_event,
        job=completion.job,
        actor=completion.actor,
        lease=completion.lease,
        **_changes(completion, verdict.cluster_event, needing_cleanup),
    )


def _changes(completion: _Completion, event: ClusterEvent, needing_cleanup: int) -> dict[str, Any]:
    """What an event changes of a cluster besides its status."""
    job, reason = completion.job, completion.ended.how.message or completion.job.error_message
    if event is ClusterEvent.INSTALL_GIVEN_UP:
        return {
            "status_reason": reason,
            "resources_remaining": needing_cleanup > 0,
            "release_name": needing_cleanup == 0,
        }
    if event is ClusterEvent.WORKERS_SCALED:
        return {"worker_replicas": job.worker_replicas, "hourly_cost_micros": job.hourly_cost_micros}
    return {"status_reason": reason} if event is ClusterEvent.SCALE_GIVEN_UP else {}


def _redispatch_next(tx: Transaction, cluster_id: ClusterId) -> None:
    """The lease is free: whoever waited for it is dispatched now; the janitor redispatches a pause when it ends."""
    for job in jobs.open_jobs(tx, cluster_id):
        if job.status in WAITING_JOBS and job.due:
            outbox.redispatch(tx, job)
