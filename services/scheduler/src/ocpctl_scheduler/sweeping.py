"""Ringing again and looking again: checked under the cluster's lock, so two janitors are harmless."""

from ocpctl_common.ids import ClusterId, JobId, new_job_id
from ocpctl_common.lifecycle.retries import max_attempts
from ocpctl_common.lifecycle.states import WAITING_JOBS, JobType
from ocpctl_common.store import attempts, jobs, leases, outbox
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.jobs import NewJob
from ocpctl_common.store.rows import Job, Lease

from ocpctl_scheduler.actors import JANITOR

APPLIED = ""


def ring(engine: Database, job_id: JobId, *, seen: int = 0, waited_for: str = "") -> str:
    """Rings for a waiting job that nobody works on. Returns APPLIED or why nothing was done.

    `seen` is the dispatch number for which it looked silent (0: whatever it is). A job that waits for the budget
    `waited_for` is due now.
    """
    with transaction(engine) as tx:
        lease = leases.lock_of_job(tx, job_id)
        if lease is None:
            return "UNKNOWN_JOB"
        job = jobs.get(tx, job_id)
        if refusal := _not_silent(lease, job, seen, waited_for):
            return refusal
        changes = {"waits_for": "", "pause_seconds": 0.0} if waited_for else {"silent_rings": job.silent_rings + 1}
        outbox.ring_again(tx, job, **changes)
        return APPLIED


def _not_silent(lease: Lease, job: Job, seen: int, waited_for: str) -> str:
    if job.status not in WAITING_JOBS or not (job.due or (waited_for and job.waits_for == waited_for)):
        return "NOT_DUE"
    if lease.held:
        return "LEASE_HELD"  # freeing the lease rings
    return "RUNG_MEANWHILE" if seen and job.dispatch_no != seen else APPLIED


def sweep(engine: Database, cluster_id: ClusterId) -> str:
    """Opens the job of another look at what was proven gone. Returns APPLIED or why nothing was done."""
    with transaction(engine) as tx:
        leases.lock(tx, cluster_id)
        return open_sweep(tx, cluster_id)


def open_sweep(tx: Transaction, cluster_id: ClusterId) -> str:
    """The same within a transaction that has locked the cluster's lease row."""
    if jobs.open_jobs(tx, cluster_id):
        return "BUSY"
    if not attempts.swept(tx, cluster_id):
        return "NOT_DUE"
    new = NewJob(
        id=new_job_id(),
        cluster_id=cluster_id,
        job_type=JobType.ORPHAN_SWEEP,
        max_attempts=max_attempts(JobType.ORPHAN_SWEEP),
        requested_by=JANITOR,
        correlation_id=f"sweep-{cluster_id}",
        traceparent="",
    )
    jobs.insert(tx, new)
    outbox.ring_new(tx, new)
    return APPLIED
