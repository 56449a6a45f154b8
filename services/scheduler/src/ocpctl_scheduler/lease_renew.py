"""Lease renew and the steps of a holder: authorize, progress, snapshot, cleanup verified, verify again."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocpctl_common.errors import NotFound, Refused
from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import Cleanup, ClusterStatus, JobStatus
from ocpctl_common.lifecycle.transitions import ClusterEvent
from ocpctl_common.store import artifacts, attempts, clusters, history, jobs, leases, verifications
from ocpctl_common.store.engine import Database, Transaction, autocommit, transaction
from ocpctl_common.store.rows import Attempt, Job, Lease

from ocpctl_scheduler.changes import audit_step, move_cluster
from ocpctl_scheduler.rules import LeaseRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who says to hold which lease."""

    cluster_id: ClusterId
    fence: int
    runner: str


def heartbeat(engine: Database, rules: LeaseRules, holder: Holder) -> bool | None:
    """Renews the lease: whether a cancel is requested, or None when the lease is lost."""
    with autocommit(engine) as tx:
        return leases.renew(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner, seconds=rules.lease)


def authorize(engine: Database, holder: Holder, authorization: attempts.Authorization) -> None:
    """The gate before money: after it returns, and only then, resources may be created.

    Raises Fenced; Refused with reason CANCELLED, NEEDS_CLEANUP, NOT_AUTHORIZABLE, INFRA_ID_REUSED, NOT_AN_INSTALL.
    """
    with transaction(engine) as tx:
        lease = lock_running(tx, holder, authorization.attempt_id)
        job = jobs.get(tx, _job_of(lease))
        attempt = attempts.get(tx, holder.cluster_id, authorization.attempt_id)
        _check_gate(tx, job, attempt)
        attempts.authorize(tx, authorization)
        cluster = clusters.get(tx, holder.cluster_id)
        move_cluster(tx, cluster, ClusterEvent.ATTEMPT_AUTHORIZED, job=job, actor=holder.runner, lease=lease)


def _check_gate(tx: Transaction, job: Job, attempt: Attempt) -> None:
    if not RUNS[attempt.mode].may_create:
        raise Refused("this run may not create", reason="NOT_AN_INSTALL")
    if job.cancel_requested_at is not None or job.status is not JobStatus.RUNNING:
        raise Refused("the create was cancelled by a destroy", reason="CANCELLED")
    if older := [other.id for other in attempts.needing_cleanup(tx, job.cluster_id) if other.id != attempt.id]:
        raise Refused(f"older attempts are not cleaned up: {', '.join(older)}", reason="NEEDS_CLEANUP")


def progress(engine: Database, holder: Holder, event: history.StageEvent, *, sequence: int, blocker: str = "") -> None:
    """Adds a stage event; one that is not newer is ignored. Raises Fenced."""
    with transaction(engine) as tx:
        attempt = _attempt(tx, holder, event.attempt_id)
        if attempts.advance_progress(tx, attempt, sequence):
            history.add_stage(tx, event)
            clusters.set_progress(tx, holder.cluster_id, event.stage, event.progress_percent)
            if blocker:
                jobs.set_blocker(tx, attempt.job_id, blocker)


def snapshot(engine: Database, holder: Holder, artifact: artifacts.Artifact, *, sequence: int) -> None:
    """Records an artifact that lies in S3. Raises Fenced, Refused."""
    with transaction(engine) as tx:
        lock_running(tx, holder, artifact.attempt_id)
        artifacts.add(tx, artifact, sequence=sequence)


def cleanup_verified(engine: Database, rules: LeaseRules, holder: Holder, attempt_id: AttemptId, receipt: str) -> None:
    """Records the proof that nothing of an attempt is left. Safe to repeat.

    Raises Fenced; Refused (NO_PROOF) when the last two checks of the receipt did not find nothing.
    """
    if not verifications.is_receipt(receipt):
        raise Refused("a receipt needs two checks in a row that found nothing", reason="NO_PROOF")
    with transaction(engine) as tx:
        lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
        if lease.attempt_id and verifications.verify(
            tx,
            holder.cluster_id,
            attempt_id,
            receipt=receipt,
            by=lease.attempt_id,
            verification_seconds=rules.verification_pauses[0],
        ):
            _audit_attempt(tx, lease, attempt_id, "CLEANUP_VERIFIED", holder.runner)


def verify_again(
    engine: Database, rules: LeaseRules, holder: Holder, attempt_id: AttemptId, found: Sequence[str]
) -> bool:
    """Records post-destroy verification of an attempt. After a find it needs cleanup again: an incident. Repeatable.

    True: the attempt needs cleanup, by this find or one before, and must be verified; finding nothing proves nothing.
    Raises Fenced, NotFound.
    """
    with transaction(engine) as tx:
        lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
        attempt = attempts.get(tx, holder.cluster_id, attempt_id)
        if attempt.cleanup is Cleanup.REQUIRED:
            return True
        if not found:
            verifications.verified_again(tx, attempt, rules.next_verification(attempt.resweeps + 1))
        elif verifications.found_again(tx, attempt):
            _audit_attempt(tx, lease, attempt_id, "REMAINS_FOUND", holder.runner)
            _reopen(tx, lease, holder.runner)
        return bool(found)


def _reopen(tx: Transaction, lease: Lease, runner: str) -> None:
    """A cluster that was DESTROYED, or FAILED without remains, is not."""
    cluster = clusters.get(tx, lease.cluster_id)
    if cluster.status is ClusterStatus.DESTROYED or cluster.failed_clean:
        job = jobs.get(tx, _job_of(lease))
        move_cluster(tx, cluster, ClusterEvent.REMAINS_FOUND, job=job, actor=runner, lease=lease)


def _audit_attempt(tx: Transaction, lease: Lease, attempt_id: AttemptId, action: str, runner: str) -> None:
    audit_step(tx, jobs.get(tx, _job_of(lease)), attempt_id, action, fence=lease.fence, actor=runner)


def lock_running(tx: Transaction, holder: Holder, attempt_id: AttemptId) -> Lease:
    """The held lease, locked, whose running attempt must be the one named. Raises Fenced, Refused."""
    lease = leases.lock_held(tx, holder.cluster_id, fence=holder.fence, runner=holder.runner)
    if lease.attempt_id != attempt_id:
        raise Refused(f"attempt {attempt_id} is not the one that runs", reason="OTHER_ATTEMPT")
    return lease


def _attempt(tx: Transaction, holder: Holder, attempt_id: AttemptId | None) -> Attempt:
    if attempt_id is None:
        raise NotFound("an attempt must be named")
    lock_running(tx, holder, attempt_id)
    return attempts.get(tx, holder.cluster_id, attempt_id)


def _job_of(lease: Lease) -> JobId:
    if lease.job_id is None:
        raise NotFound(f"the lease of {lease.cluster_id} names no job")
    return lease.job_id
