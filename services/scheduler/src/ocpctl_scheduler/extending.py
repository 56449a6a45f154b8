"""Extends the time to live of a cluster, up to the limit of its profile."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpctl_common.errors import FieldProblem, PolicyRefused, WrongState
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.states import EXTENDABLE, ClusterStatus
from ocpctl_common.requests import RequestKey
from ocpctl_common.store import clusters, history, leases
from ocpctl_common.store.engine import Database, Transaction
from ocpctl_common.store.rows import Cluster

from ocpctl_scheduler.idempotency import once


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The hours to add, and the total that policy allows."""

    cluster_id: ClusterId
    hours: int
    max_ttl_hours: int
    correlation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The answer, new or replayed. `destroy_at` is RFC 3339."""

    ttl_hours: int
    destroy_at: str
    replayed: bool = False

    def to_json(self) -> str:
        """What is stored with the key."""
        return json.dumps({"ttlHours": self.ttl_hours, "destroyAt": self.destroy_at})

    @classmethod
    def again(cls, stored: Mapping[str, Any]) -> "Extended":
        """The answer of an earlier call."""
        return cls(ttl_hours=stored["ttlHours"], destroy_at=stored["destroyAt"], replayed=True)


def extend(engine: Database, request: RequestKey, command: Extension) -> Extended:
    """Durable when it returns. The same key gives the same answer again, whatever the limit would say now.

    Raises NotFound, WrongState, PolicyRefused, KeyReused, RequestInProgress, Unavailable.
    """
    return once(engine, request, lambda tx: _extend(tx, request, command), Extended.again)


def _extend(tx: Transaction, request: RequestKey, command: Extension) -> Extended:
    leases.lock(tx, command.cluster_id)
    cluster = clusters.get(tx, command.cluster_id)
    _check(cluster, command)
    end = clusters.extend(tx, cluster, command.hours)
    event = history.new_event(
        actor=request.principal,
        action="EXTENDED",
        correlation_id=command.correlation_id,
        cluster_id=command.cluster_id,
        reason=f"{command.hours} hours",
    )
    history.audit(tx, event)
    return Extended(ttl_hours=cluster.ttl_hours + command.hours, destroy_at=end.isoformat())


def _check(cluster: Cluster, command: Extension) -> None:
    if cluster.status not in EXTENDABLE:
        allowed = ", ".join(status for status in ClusterStatus if status in EXTENDABLE)
        raise WrongState(f"cluster {cluster.id} is {cluster.status}; only {allowed} can be extended")
    if cluster.ttl_hours + command.hours > command.max_ttl_hours:
        rule = f"makes {cluster.ttl_hours + command.hours} hours; the cluster's profile allows {command.max_ttl_hours}"
        problem = FieldProblem(field="hours", description=rule, reason="TTL_ABOVE_MAXIMUM")
        raise PolicyRefused(f"hours: {rule}", problems=[problem])
