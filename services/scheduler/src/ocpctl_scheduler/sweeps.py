"""What is done with a candidate of the janitor's sweeps: a row for each sweep, by its name in the janitor's list.

Every candidate is checked again under the cluster's lock, so two janitors are harmless.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import EXPIRABLE, ClusterStatus, JobType
from ocpctl_common.store import clusters, leases
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.store.queries.janitor import Candidate
from ocpctl_common.store.rows import Cluster

from ocpctl_scheduler import concurrency, lease_complete, post_destroy_verification, reconcile, redispatch
from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.destroying import request_destroy
from ocpctl_scheduler.lease_complete import JobEnd
from ocpctl_scheduler.redispatch import APPLIED
from ocpctl_scheduler.rules import LeaseRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What a sweep works with. `taken_over` is told of every run that ended with its dead runner."""

    engine: Database
    rules: LeaseRules
    taken_over: Callable[[JobEnd], None]


Apply = Callable[[Dependencies, Candidate], str]  # returns APPLIED or why nothing was done


def apply(sweep: str, on: Dependencies, candidate: Candidate) -> str:
    """Does what the sweep is for, if the candidate is real. Returns APPLIED or why nothing was done."""
    row = SWEEPS.get(sweep)
    return row(on, candidate) if row else "UNKNOWN_SWEEP"  # the janitor is newer than this scheduler


def _take_over(on: Dependencies, dead: Candidate) -> str:
    end = lease_complete.take_over(on.engine, on.rules, dead.cluster_id, dead.seen)
    reach(Failpoint.TAKEOVER_COMMITTED)
    if end is None:
        return "NOT_DEAD"
    on.taken_over(end)
    if end.pool:
        concurrency.redispatch_next(on.engine, end.pool)
    return APPLIED


def expire(engine: Database, cluster_id: ClusterId) -> str:
    """Starts the destroy of a cluster whose time, or whose keepalive, is over.

    Returns APPLIED or why nothing was done.
    """
    with transaction(engine) as tx:
        lease = leases.lock(tx, cluster_id)
        cluster = clusters.get(tx, cluster_id)
        if refusal := _not_expired(cluster):
            return refusal
        request_destroy(
            tx,
            lease,
            job_type=JobType.JANITOR_DESTROY,
            actor=JANITOR,
            correlation_id=f"{'ttl' if cluster.expired else 'keepalive'}-{cluster_id}",
            traceparent="",
        )
        return APPLIED


def _not_expired(cluster: Cluster) -> str:
    if cluster.status not in EXPIRABLE:
        return f"STATUS_{cluster.status}"
    if cluster.status is ClusterStatus.FAILED and not cluster.resources_remaining:
        return "NOTHING_REMAINS"
    return APPLIED if cluster.expired or cluster.abandoned else "NOT_EXPIRED"


SWEEPS: Mapping[str, Apply] = {
    "takeover": _take_over,
    "expiry": lambda on, over: expire(on.engine, over.cluster_id),
    "redispatch": lambda on, silent: redispatch.redispatch(on.engine, silent.job_id, seen=silent.seen),
    "verification": lambda on, due: post_destroy_verification.verify_again(on.engine, due.cluster_id),
    "reconcile": lambda on, breach: reconcile.restore(on.engine, on.rules, breach.cluster_id),
}
