"""The lease protocol's middle steps: acquire, renew, authorise, progress, snapshot, clean-up verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocpctl_common.errors import NotFound, Refused
from ocpctl_common.ids import AttemptId, ClusterId, JobId, new_attempt_id
from ocpctl_common.lifecycle.retries import lease_deadline, run_mode
from ocpctl_common.lifecycle.states import WAITING_JOBS, ClusterStatus, JobStatus, RunMode
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.store import attempts, clusters, history, jobs, leases, runners
from ocpctl_common.store.budgets import Pool
from ocpctl_common.store.engine import Database, Transaction, autocommit, transaction
from ocpctl_common.store.rows import Attempt, Cluster, Job, Lease

from ocpctl_scheduler import budgeting
from ocpctl_scheduler.changes import move_cluster, move_job
from ocpctl_scheduler.rules import LeaseRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who says to hold which lease."""

    cluster_id: ClusterId
    fence: int
    runner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The lease is the caller's, with everything it needs."""

    cluster: Cluster
    job: Job
    attempt: Attempt
    dirty: Sequence[Attempt]


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
    if asker.account_id:
        pool = Pool.of(asker.account_id, cluster.region, mode)
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
        aws_account_id=asker.account_id or None,
    )
    attempts.insert(tx, new)
    leases.take(
        tx, lease, job_id=job.id, attempt_id=new.id, runner=asker.runner, token=asker.token, seconds=rules.lease
    )
    deadline = lease_deadline(mode, len(attempts.dirty(tx, cluster.id))).total_seconds()
    move_job(tx, job, JobEvent.ACQUIRED, started=True, deadline_seconds=deadline, **_counters(job, mode))
    return _granted(tx, cluster.id, job, new.id)


def _counters(job: Job, mode: RunMode) -> dict[str, Any]:
    count = {"attempt": job.attempt + 1} if mode is RunMode.INSTALL else {"cleanup_runs": job.cleanup_runs + 1}
    return {**count, "silent_rings": 0, "waits_for": ""}


def _granted(tx: Transaction, cluster_id: ClusterId, job: Job, attempt_id: AttemptId) -> Granted:
    attempt = attempts.get(tx, cluster_id, attempt_id)
    # A sweep must never touch what is dirty because it is in use.
    find = attempts.swept if attempt.mode is RunMode.SWEEP else attempts.dirty
    older = [other for other in find(tx, cluster_id) if other.id != attempt_id]
    return Granted(cluster=clusters.get(tx, cluster_id), job=job, attempt=attempt, dirty=older)


def heartbeat(engine: Database, rules: LeaseRules, holder: Holder) -> bool | None:
    """Renews the lease: whether a cancel is requested, or None when the lease is lost."""
    with autocommit(engine) as tx:
        return leases.renew(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner, seconds=rules.lease)


def authorize(engine: Database, holder: Holder, authorization: attempts.Authorization) -> None:
    """The gate before money: after it returns, and only then, resources may be created.

    Raises Fenced; Refused with reason CANCELLED, DIRTY_ATTEMPT, NOT_AUTHORIZABLE, INFRA_ID_REUSED, NOT_AN_INSTALL.
    """
    with transaction(engine) as tx:
        lease = _lock(tx, holder, authorization.attempt_id)
        job = jobs.get(tx, _job_of(lease))
        attempt = attempts.get(tx, holder.cluster_id, authorization.attempt_id)
        _check_gate(tx, job, attempt)
        attempts.authorize(tx, authorization)
        cluster = clusters.get(tx, holder.cluster_id)
        move_cluster(tx, cluster, ClusterEvent.ATTEMPT_AUTHORIZED, job=job, actor=holder.runner, lease=lease)


def _check_gate(tx: Transaction, job: Job, attempt: Attempt) -> None:
    if attempt.mode is not RunMode.INSTALL:
        raise Refused("this run may only clean up", reason="NOT_AN_INSTALL")
    if job.cancel_requested_at is not None or job.status is not JobStatus.RUNNING:
        raise Refused("the create was cancelled by a destroy", reason="CANCELLED")
    if older := [other.id for other in attempts.dirty(tx, job.cluster_id) if other.id != attempt.id]:
        raise Refused(f"older attempts are not cleaned up: {', '.join(older)}", reason="DIRTY_ATTEMPT")


def progress(engine: Database, holder: Holder, event: history.StageEvent, *, sequence: int, blocker: str = "") -> None:
    """Adds a stage event; one that is not newer is ignored. Raises Fenced."""
    with transaction(engine) as tx:
        attempt = _attempt(tx, holder, event.attempt_id)
        if attempts.advance_progress(tx, attempt, sequence):
            history.add_stage(tx, event)
            clusters.set_progress(tx, holder.cluster_id, event.stage, event.progress_percent)
            if blocker:
                jobs.set_blocker(tx, attempt.job_id, blocker)


def snapshot(engine: Database, holder: Holder, artifact: attempts.Artifact, *, sequence: int) -> None:
    """Records an artifact that lies in S3. Raises Fenced, Refused."""
    with transaction(engine) as tx:
        _lock(tx, holder, artifact.attempt_id)
        attempts.add_artifact(tx, artifact, sequence=sequence)


def cleanup_verified(engine: Database, rules: LeaseRules, holder: Holder, attempt_id: AttemptId, receipt: str) -> None:
    """Records the proof that nothing of an attempt is left. Safe to repeat.

    Raises Fenced; Refused (NO_PROOF) when the last two checks of the receipt did not find nothing.
    """
    if not attempts.is_receipt(receipt):
        raise Refused("a receipt needs two checks in a row that found nothing", reason="NO_PROOF")
    with transaction(engine) as tx:
        lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
        if lease.attempt_id and attempts.verify(
            tx,
            holder.cluster_id,
            attempt_id,
            receipt=receipt,
            by=lease.attempt_id,
            resweep_seconds=rules.resweeps[0],
        ):
            _audit_attempt(tx, lease, attempt_id, "CLEANUP_VERIFIED", holder.runner)


def resweep(engine: Database, rules: LeaseRules, holder: Holder, attempt_id: AttemptId, found: Sequence[str]) -> None:
    """Records another look for an attempt that was proven gone. A find is an incident: it is dirty again. Repeatable.

    Raises Fenced, NotFound.
    """
    with transaction(engine) as tx:
        lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
        attempt = attempts.get(tx, holder.cluster_id, attempt_id)
        if not found:
            attempts.looked_again(tx, attempt, rules.next_look(attempt.resweeps + 1))
        elif attempts.found_again(tx, attempt):
            _audit_attempt(tx, lease, attempt_id, "REMAINS_FOUND", holder.runner)
            _reopen(tx, lease, holder.runner)


def _reopen(tx: Transaction, lease: Lease, runner: str) -> None:
    """A cluster that was DESTROYED is not."""
    cluster = clusters.get(tx, lease.cluster_id)
    if cluster.status is ClusterStatus.DESTROYED:
        job = jobs.get(tx, _job_of(lease))
        move_cluster(tx, cluster, ClusterEvent.REMAINS_FOUND, job=job, actor=runner, lease=lease)


def _audit_attempt(tx: Transaction, lease: Lease, attempt_id: AttemptId, action: str, runner: str) -> None:
    job = jobs.get(tx, _job_of(lease))
    history.audit(
        tx,
        history.AuditEvent(
            id=f"{attempt_id}/{action}/{lease.fence}",
            actor=runner,
            action=action,
            target_cluster_id=lease.cluster_id,
            job_id=job.id,
            attempt_id=attempt_id,
            fence=lease.fence,
            correlation_id=job.correlation_id,
        ),
    )


def _lock(tx: Transaction, holder: Holder, attempt_id: AttemptId) -> Lease:
    """The held lease, whose running attempt must be the one named."""
    lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
    if lease.attempt_id != attempt_id:
        raise Refused(f"attempt {attempt_id} is not the one that runs", reason="OTHER_ATTEMPT")
    return lease


def _attempt(tx: Transaction, holder: Holder, attempt_id: AttemptId | None) -> Attempt:
    if attempt_id is None:
        raise NotFound("an attempt must be named")
    _lock(tx, holder, attempt_id)
    return attempts.get(tx, holder.cluster_id, attempt_id)


def _job_of(lease: Lease) -> JobId:
    if lease.job_id is None:
        raise NotFound(f"the lease of {lease.cluster_id} names no job")
    return lease.job_id
