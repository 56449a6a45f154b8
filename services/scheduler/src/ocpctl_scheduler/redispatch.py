"""Redispatch: another dispatch for a job that still waits.

Checked under the cluster's lock, so two janitors are harmless.
"""

from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.states import WAITING_JOBS
from ocpctl_common.store import jobs, leases, outbox
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.store.rows import Job, Lease

APPLIED = ""


def redispatch(engine: Database, job_id: JobId, *, seen: int = 0, waited_for: str = "") -> str:
    """Dispatches a waiting job that nobody works on. Returns APPLIED or why nothing was done.

    `seen` is the dispatch number for which it looked silent (0: any). A job that waits for the concurrency pool
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
        outbox.redispatch(tx, job, **changes)
        return APPLIED


def _not_silent(lease: Lease, job: Job, seen: int, waited_for: str) -> str:
    if job.status not in WAITING_JOBS or not (job.due or (waited_for and job.waits_for == waited_for)):
        return "NOT_DUE"
    if lease.held:
        return "LEASE_HELD"  # freeing the lease redispatches
    return "DISPATCHED_MEANWHILE" if seen and job.dispatch_no != seen else APPLIED
