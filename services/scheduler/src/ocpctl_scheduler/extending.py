"""A longer time to live."""

import json
from dataclasses import dataclass

from ocpctl_common.errors import WrongState
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import ClusterStatus
from ocpctl_common.store import accepting, clusters, history, leases
from ocpctl_common.store.accepting import RequestKey
from ocpctl_common.store.engine import Database, transaction

from ocpctl_scheduler.accepting import new_audit_id

EXTENDABLE = (ClusterStatus.PENDING, ClusterStatus.CREATING, ClusterStatus.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What is wished. The limits were checked for `from_hours`."""

    cluster_id: ClusterId
    from_hours: int
    to_hours: int
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The answer, new or replayed. `destroy_at` is RFC 3339."""

    ttl_hours: int
    destroy_at: str
    replayed: bool = False


def extend(engine: Database, request: RequestKey, wish: Extension) -> Extended:
    """Durable when it returns. The same key gives the same answer again.

    Raises NotFound, WrongState, StaleState (somebody else was quicker), KeyReused, RequestInProgress, Unavailable.
    """
    with transaction(engine) as tx:
        accepting.lock_key(tx, request)
        if stored := accepting.find_answer(tx, request):
            return Extended(**stored, replayed=True)
        leases.lock(tx, wish.cluster_id)
        cluster = clusters.get(tx, wish.cluster_id)
        if cluster.status not in EXTENDABLE:
            raise WrongState(f"cluster {cluster.id} is {cluster.status}; only {', '.join(EXTENDABLE)} can be extended")
        end = clusters.extend(tx, cluster, from_hours=wish.from_hours, to_hours=wish.to_hours)
        history.audit(tx, _event(request, wish))
        answer = {"ttl_hours": wish.to_hours, "destroy_at": end.isoformat()}
        accepting.store_answer(tx, request, json.dumps(answer))
        return Extended(ttl_hours=wish.to_hours, destroy_at=end.isoformat())


def _event(request: RequestKey, wish: Extension) -> history.AuditEvent:
    return history.AuditEvent(
        id=new_audit_id(),
        actor=request.principal,
        action="EXTENDED",
        target_cluster_id=wish.cluster_id,
        reason=f"{wish.from_hours} to {wish.to_hours} hours",
        correlation_id=wish.correlation_id,
    )
