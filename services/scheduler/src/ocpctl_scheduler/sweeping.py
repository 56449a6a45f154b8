"""What the janitor asks: every candidate is checked again under the cluster's lock, so two janitors are harmless."""

from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.lifecycle.states import EXPIRABLE, WAITING_JOBS, ClusterStatus, JobType
from ocpctl_common.store import clusters, jobs, leases, outbox
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.store.rows import Cluster

from ocpctl_scheduler.accepting import request_destroy
from ocpctl_scheduler.ending import JANITOR

APPLIED = ""


def expire(engine: Database, cluster_id: ClusterId) -> str:
    """Starts the destroy of a cluster whose time is over. Returns APPLIED or why nothing was done."""
    with transaction(engine) as tx:
        lease = leases.lock(tx, cluster_id)
        if refusal := _not_expired(clusters.get(tx, cluster_id)):
            return refusal
        request_destroy(
            tx,
            lease,
            job_type=JobType.JANITOR_DESTROY,
            actor=JANITOR,
            correlation_id=f"ttl-{cluster_id}",
            traceparent="",
        )
        return APPLIED


def _not_expired(cluster: Cluster) -> str:
    if cluster.status not in EXPIRABLE:
        return f"STATUS_{cluster.status}"
    if cluster.status is ClusterStatus.FAILED and not cluster.resources_remaining:
        return "NOTHING_REMAINS"
    return APPLIED if cluster.expired else "NOT_EXPIRED"


def ring(engine: Database, job_id: JobId, dispatch_no: int) -> str:
    """Rings again for a due job that nobody works on. Returns APPLIED or why nothing was done."""
    with transaction(engine) as tx:
        cluster_id = jobs.cluster_of(tx, job_id)
        if cluster_id is None:
            return "UNKNOWN_JOB"
        lease = leases.lock(tx, cluster_id)
        job = jobs.get(tx, job_id)
        if job.status not in WAITING_JOBS or not job.due:
            return "NOT_DUE"
        if lease.held:
            return "LEASE_HELD"  # freeing the lease rings
        if job.dispatch_no != dispatch_no:
            return "RUNG_MEANWHILE"
        outbox.ring_again(tx, job)
        return APPLIED
