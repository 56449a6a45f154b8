"""Post-destroy verification: opens the job that looks once more for what was verified as destroyed."""

from ocpctl_common.ids import ClusterId, new_job_id
from ocpctl_common.lifecycle.states import JobType
from ocpctl_common.store import jobs, leases, outbox, verifications
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.jobs import NewJob

from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.redispatch import APPLIED


def verify_again(engine: Database, cluster_id: ClusterId) -> str:
    """Opens the job that verifies again what was verified before. Returns APPLIED or why nothing was done."""
    with transaction(engine) as tx:
        leases.lock(tx, cluster_id)
        return open_verification(tx, cluster_id)


def open_verification(tx: Transaction, cluster_id: ClusterId) -> str:
    """The same within a transaction that has locked the cluster's lease row."""
    if jobs.open_jobs(tx, cluster_id):
        return "BUSY"
    if not verifications.to_verify(tx, cluster_id):
        return "NOT_DUE"
    new = NewJob(
        id=new_job_id(),
        cluster_id=cluster_id,
        job_type=JobType.ORPHAN_SWEEP,
        requested_by=JANITOR,
        correlation_id=f"verification-{cluster_id}",
        traceparent="",
    )
    outbox.open_job(tx, new)
    return APPLIED
