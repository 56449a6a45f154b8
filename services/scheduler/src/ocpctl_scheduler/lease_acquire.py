"""Lease acquire, the first step of the lease protocol: whether a lease requester gets a cluster's lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocpctl_common.errors import Refused
from ocpctl_common.ids import AttemptId, ClusterId, JobId, new_attempt_id
from ocpctl_common.lifecycle.job_kinds import run_of
from ocpctl_common.lifecycle.retries import lease_deadline
from ocpctl_common.lifecycle.run_modes import RUNS, Older, Run
from ocpctl_common.lifecycle.states import WAITING_JOBS
from ocpctl_common.lifecycle.transitions import JobEvent
from ocpctl_common.store import attempts, clusters, jobs, leases, runners, verifications
from ocpctl_common.store.engine import Database, Transaction, autocommit, transaction
from ocpctl_common.store.queries import outputs
from ocpctl_common.store.rows import Attempt, Cluster, Job, Lease, Outputs

from ocpctl_scheduler import concurrency
from ocpctl_scheduler.changes import audit_step, move_job
from ocpctl_scheduler.rules import LeaseRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The lease is the caller's, with everything it needs. `outputs` (how to reach it) only in some modes."""

    cluster: Cluster
    job: Job
    attempt: Attempt
    needing_cleanup: Sequence[Attempt]
    outputs: Outputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGranted:
    """`later`: the scheduler dispatches again; otherwise there is nothing to do for this message."""

    reason: str
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequester:
    """Who asks for a lease. The token makes the call repeatable; the concurrency limit is counted by the account."""

    runner: str
    token: str
    instance_id: str = ""
    account_id: str = ""


def acquire(engine: Database, rules: LeaseRules, job_id: JobId, requester: LeaseRequester) -> Granted | NotGranted:
    """Takes the cluster's lease for a job. The same token gives the same grant again (a lost reply).

    Raises Refused (RUNNER_ID_IN_USE) when another process lives under the runner's id.
    """
    with transaction(engine) as tx:
        if requester.instance_id and runners.is_others(tx, requester.runner, requester.instance_id):
            raise Refused(
                f"another process lives as {requester.runner}; give this one another id", reason="RUNNER_ID_IN_USE"
            )
        lease = leases.lock_of_job(tx, job_id)
        if lease is None:
            return NotGranted(reason="UNKNOWN_JOB")
        job = jobs.get(tx, job_id)
        if lease.held:
            return _held(tx, lease, job, requester)
        return _not_now(job) or _grant(tx, lease, job, rules, requester)


def announce(engine: Database, sign: runners.Announcement) -> bool:
    """Whether the runner's id belongs to this process."""
    with autocommit(engine) as tx:
        return runners.announce(tx, sign)


def _held(tx: Transaction, lease: Lease, job: Job, requester: LeaseRequester) -> Granted | NotGranted:
    """A held lease is never stolen here, not even an expired one: the takeover redispatches."""
    if lease.acquire_token == requester.token and lease.locked_by == requester.runner and lease.attempt_id:
        return _again(tx, lease.cluster_id, job, lease.attempt_id)
    if lease.job_id == job.id and not lease.expired:
        return NotGranted(reason="ALREADY_RUNNING")
    return NotGranted(reason="LEASE_HELD", later=job.status in WAITING_JOBS)


def _not_now(job: Job) -> NotGranted | None:
    if job.status not in WAITING_JOBS:
        return NotGranted(reason=f"JOB_{job.status}")
    return None if job.due else NotGranted(reason="NOT_DUE", later=True)


def _grant(
    tx: Transaction, lease: Lease, job: Job, rules: LeaseRules, requester: LeaseRequester
) -> Granted | NotGranted:
    cluster = clusters.get(tx, lease.cluster_id)
    run = run_of(job.job_type, given_up=job.given_up)
    account_id = requester.account_id if run.limit else ""
    if account_id:
        pool = concurrency.pool_of(cluster.platform, account_id, cluster.region, run.mode)
        if concurrency.is_full(tx, rules, pool):
            # The end of a run redispatches it; the pause is for a redispatch that was missed.
            jobs.set_status(tx, job, job.status, {"waits_for": pool.key, "pause_seconds": rules.backoff_unit})
            return NotGranted(reason="CONCURRENCY_LIMIT", later=True)
    new = attempts.NewAttempt(
        id=new_attempt_id(),
        job_id=job.id,
        cluster_id=cluster.id,
        number=job.attempt + 1,
        mode=run.mode,
        fence=lease.fence + 1,
        runner=requester.runner,
        region=cluster.region,
        installer_version=cluster.version,
        account_id=account_id or None,
    )
    older = _older(tx, cluster.id, run)
    attempt = attempts.insert(tx, new)
    leases.take(
        tx, lease, job_id=job.id, attempt_id=new.id, runner=requester.runner, token=requester.token, seconds=rules.lease
    )
    deadline = lease_deadline(run.mode, len(older)).total_seconds()
    move_job(tx, job, JobEvent.ACQUIRED, started=True, deadline_seconds=deadline, **_counters(job, run))
    audit_step(tx, job, new.id, "ATTEMPT_STARTED", fence=new.fence, actor=requester.runner, reason=run.mode)
    return _granted(tx, cluster, job, attempt, older)


def _counters(job: Job, run: Run) -> dict[str, Any]:
    return {run.counts: getattr(job, run.counts) + 1, "silent_rings": 0, "waits_for": ""}


def _again(tx: Transaction, cluster_id: ClusterId, job: Job, attempt_id: AttemptId) -> Granted:
    """The grant of a running attempt. What it has authorised itself needs cleanup too, but is not older."""
    attempt = attempts.get(tx, cluster_id, attempt_id)
    older = [other for other in _older(tx, cluster_id, RUNS[attempt.mode]) if other.id != attempt_id]
    return _granted(tx, clusters.get(tx, cluster_id), job, attempt, older)


def _granted(tx: Transaction, cluster: Cluster, job: Job, attempt: Attempt, older: Sequence[Attempt]) -> Granted:
    access = outputs.get(tx, cluster.id) if RUNS[attempt.mode].outputs else None
    return Granted(cluster=cluster, job=job, attempt=attempt, needing_cleanup=older, outputs=access)


def _older(tx: Transaction, cluster_id: ClusterId, run: Run) -> Sequence[Attempt]:
    """What a run cleans up or looks for."""
    if run.older is Older.NONE:
        return ()
    find = verifications.to_verify if run.older is Older.TO_VERIFY else attempts.needing_cleanup
    return find(tx, cluster_id)
