"""Creates: the acceptance of one, and whether one would be accepted now."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ocpctl_common.errors import RateLimited
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.states import ClusterStatus
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.requests import Accepted
from ocpctl_common.store import clusters, creates, idempotency
from ocpctl_common.store.creates import NewCluster
from ocpctl_common.store.engine import Database, Transaction, autocommit


def accept_create(engine: Database, new: NewCluster, *, creates_per_hour: int) -> Accepted:
    """Durable when it returns. The same key and request give the same answer again, and one cluster.

    Only a create that makes a cluster counts for its team's limit.
    Raises NameTaken, KeyReused, RateLimited, RequestInProgress, Unavailable.
    """
    with autocommit(engine) as tx:
        reach(Failpoint.ACCEPT_BEFORE_COMMIT)
        inserted = creates.insert_cluster(tx, new, creates_per_hour=creates_per_hour)
        if inserted.accepted:
            reach(Failpoint.ACCEPT_COMMITTED)
            return Accepted(cluster_id=new.cluster_id, job_id=new.job_id, status=ClusterStatus.PENDING)
        if stored := idempotency.find_answer(tx, new.request, partial(_is_same, tx, new)):
            first = Accepted.again(stored)
            return replace(first, spec_json=clusters.get(tx, first.cluster_id).spec)
    if inserted.wait_seconds is not None:
        raise _hour_is_used_up(new.spec.team, creates_per_hour, inserted.wait_seconds)
    return accept_create(engine, new, creates_per_hour=creates_per_hour)  # the key had expired and is gone now


def check_create(engine: Database, spec: ResolvedSpec, *, creates_per_hour: int) -> None:
    """Refuses what `accept_create` would refuse now. Raises NameTaken, RateLimited, Unavailable."""
    with autocommit(engine) as tx:
        wait = creates.check_create(tx, spec, creates_per_hour=creates_per_hour)
    if wait is not None:
        raise _hour_is_used_up(spec.team, creates_per_hour, wait)


def _is_same(tx: Transaction, new: NewCluster, stored: Mapping[str, Any]) -> bool:
    """Whether both resolve to the same: a default that is left out and the same one written out are one request."""
    first = clusters.get(tx, Accepted.again(stored).cluster_id)
    return ResolvedSpec.from_json(first.spec) == new.spec and first.keepalive_seconds == new.keepalive_seconds


def _hour_is_used_up(team: str, creates_per_hour: int, wait_seconds: float) -> RateLimited:
    sentence = f"team {team} has created {creates_per_hour} clusters within an hour, which is its limit"
    return RateLimited(sentence, retry_after_seconds=wait_seconds)
