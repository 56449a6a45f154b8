"""The keepalive of a cluster: while somebody says that it is wanted its end is moved, and then it is destroyed."""

from dataclasses import dataclass

from ocpctl_common.errors import WrongState
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import EXTENDABLE, ClusterStatus
from ocpctl_common.store import clusters, leases
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.store.rows import Cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAlive:
    """When the cluster is destroyed unless it is said again, and when in any case. RFC 3339."""

    alive_until: str
    destroy_at: str


def keep_alive(engine: Database, cluster_id: ClusterId) -> KeptAlive:
    """Durable when it returns. Not audited: it is said every few seconds, and what ends a cluster is.

    One that has ended can be moved until the janitor has found it. Raises NotFound, WrongState, Unavailable.
    """
    with transaction(engine) as tx:
        leases.lock(tx, cluster_id)
        cluster = clusters.get(tx, cluster_id)
        _check(cluster)
        end = clusters.keep_alive(tx, cluster)
        return KeptAlive(alive_until=end.isoformat(), destroy_at=cluster.destroy_at.isoformat())


def _check(cluster: Cluster) -> None:
    if cluster.keepalive_seconds is None:
        raise WrongState(f"cluster {cluster.id} was created without keepaliveSeconds: it lives until its time is over")
    if cluster.status not in EXTENDABLE:
        allowed = ", ".join(status for status in ClusterStatus if status in EXTENDABLE)
        raise WrongState(f"cluster {cluster.id} is {cluster.status}; only {allowed} can be kept alive")
