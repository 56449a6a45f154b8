"""Acquire, the first step of the lease protocol: who gets a cluster's lease, and who does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocpctl_common.errors import Refused
from ocpctl_common.ids import AttemptId, ClusterId, JobId, new_attempt_id
from ocpctl_common.lifecycle.retries import lease_deadline, run_mode
from ocpctl_common.lifecycle.states import WAITING_JOBS, RunMode
from ocpctl_common.lifecycle.transitions import JobEvent
from ocpctl_common.store import attempts, clusters, jobs, leases, outputs, runners
from ocpctl_common.store.engine import Database, Transaction, autocommit, transaction
from ocpctl_common.store.outputs import Outputs
from ocpctl_common.store.rows import Attempt, Cluster, Job, Lease

from ocpctl_scheduler import budgeting
from ocpctl_scheduler.changes import audit_step, move_job
from ocpctl_scheduler.rules import LeaseRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The lease is the caller's, with everything it needs. `outputs` only to scale: how to reach the cluster."""

    cluster: Cluster
    job: Job
    attempt: Attempt
    dirty: Sequence[Attempt]
    outputs: Outputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGranted:
    """`later`: the scheduler rings again; otherwise there is nothing to do for this message."""

    reason: str
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks for a lease. The token makes the call repeatable; the account is what its budget is counted by."""

    runner: str
    token: str
    instance_id: str = ""
    account_id: str = ""


def acquire(engine: Database, rules: LeaseRules, job_id: JobId, asker: Asker) -> Granted | NotGranted:
    """Takes the cluster's lease for a job. The same token gives the same grant again (a lost reply).

    Raises Refused (RUNNER_ID_IN_USE) when another process lives under the runner's id.
    """
    with transaction(engine) as tx:
        if asker.instance_id and runners.is_others(tx, asker.runner, asker.instance_id):
            raise Refused(
                f"another process lives as {asker.runner}; give this one another id", reason="RUNNER_ID_IN_USE"
            )
        cluster_id = jobs.cluster_of(tx, job_id)
        if cluster_id is None:
            return NotGranted(reason="UNKNOWN_JOB")
        lease = leases.lock(tx, cluster_id)
        job = jobs.get(tx, job_id)
        if lease.held:
            return _held(tx, lease, job, asker)
        return _not_now(job) or _grant(tx, lease, job, rules, asker)


def announce(engine: Database, sign: runners.Announcement) -> bool:
    """Whether the runner's id belongs to this process."""
    with autocommit(engine) as tx:
        return runners.announce(tx, sign)


def _held(tx: Transaction, lease: Lease, job: Job, asker: Asker) -> Granted | NotGranted:
    """A held lease is never stolen here, not even an expired one: the takeover rings again."""
    if lease.acquire_token == asker.token and lease.locked_by == asker.runner and lease.attempt_id:
        return _granted(tx, lease.cluster_id, job, lease.attempt_id)
    if lease.job_id == job.id and not lease.expired:
        return NotGranted(reason="ALREADY_RUNNING")
    return NotGranted(reason="LEASE_HELD", later=job.status in WAITING_JOBS)


def _not_now(job: Job) -> NotGranted | None:
    if job.status not in WAITING_JOBS:
        return NotGranted(reason=f"JOB_{job.status}")
    return None if job.due else NotGranted(reason="NOT_DUE", later=True)


def _grant(tx: Transaction, lease: Lease, job: Job, rules: LeaseRules, asker: Asker) -> Granted | NotGranted:
    cluster = clusters.get(tx, lease.cluster_id)
    mode = run_mode(job.job_type, given_up=job.given_up)
    # A scaling asks the cluster's own API, not the account's: it is not counted.
    account_id = "" if mode is RunMode.SCALE else asker.account_id
    if account_id:
        pool = budgeting.pool_of(cluster.platform, account_id, cluster.region, mode)
        if budgeting.is_full(tx, rules, pool):
            # The end of a run rings it; the pause is for a ring that was missed.
            jobs.set_status(tx, job, job.status, {"waits_for": pool.key, "pause_seconds": rules.backoff_unit})
            return NotGranted(reason="BUDGET_FULL", later=True)
    new = attempts.NewAttempt(
        id=new_attempt_id(),
        job_id=job.id,
        cluster_id=cluster.id,
        number=job.attempt + 1,
        mode=mode,
        fence=lease.fence + 1,
        runner=asker.runner,
        region=cluster.region,
        installer_version=cluster.version,
        account_id=account_id or None,
    )
    attempts.insert(tx, new)
    leases.take(
        tx, lease, job_id=job.id, attempt_id=new.id, runner=asker.runner, token=asker.token, seconds=rules.lease
    )
    deadline = lease_deadline(mode, len(_older(tx, cluster.id, mode))).total_seconds()
    move_job(tx, job, JobEvent.ACQUIRED, started=True, deadline_seconds=deadline, **_counters(job, mode))
    audit_step(tx, job, new.id, "ATTEMPT_STARTED", fence=new.fence, actor=asker.runner, reason=mode)
    return _granted(tx, cluster.id, job, new.id)


def _counters(job: Job, mode: RunMode) -> dict[str, Any]:
    tries = mode in (RunMode.INSTALL, RunMode.SCALE)
    count = {"attempt": job.attempt + 1} if tries else {"cleanup_runs": job.cleanup_runs + 1}
    return {**count, "silent_rings": 0, "waits_for": ""}


def _granted(tx: Transaction, cluster_id: ClusterId, job: Job, attempt_id: AttemptId) -> Granted:
    attempt = attempts.get(tx, cluster_id, attempt_id)
    cluster = clusters.get(tx, cluster_id)
    if attempt.mode is RunMode.SCALE:  # what is dirty is in use
        return Granted(cluster=cluster, job=job, attempt=attempt, dirty=(), outputs=outputs.get(tx, cluster_id))
    older = [other for other in _older(tx, cluster_id, attempt.mode) if other.id != attempt_id]
    return Granted(cluster=cluster, job=job, attempt=attempt, dirty=older)


def _older(tx: Transaction, cluster_id: ClusterId, mode: RunMode) -> Sequence[Attempt]:
    """What a run cleans up or looks for. A sweep must never touch what is dirty because it is in use."""
    find = attempts.swept if mode is RunMode.SWEEP else attempts.dirty
    return find(tx, cluster_id)
