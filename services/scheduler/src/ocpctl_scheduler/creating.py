"""Creates: the acceptance of one, and whether one would be accepted now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from ocpctl_common.errors import RateLimited
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.states import ClusterStatus
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.requests import Accepted
from ocpctl_common.store import clusters, creates, idempotency
from ocpctl_common.store.creates import Inserted, NewCluster
from ocpctl_common.store.engine import Database, Transaction, autocommit

from ocpctl_scheduler.joined_creates import JoinedCreates


@dataclass(frozen=True, slots=True, kw_only=True)
class Creates:
    """Accepts creates. A team may create so many clusters an hour; 0: no limit."""

    engine: Database
    creates_per_hour: int
    joined: JoinedCreates

    @classmethod
    def on(cls, engine: Database, *, creates_per_hour: int) -> Self:
        """Those that arrive together are stored together."""
        one = partial(_insert_one, engine, creates_per_hour)
        many = partial(_insert_many, engine, creates_per_hour)
        return cls(engine=engine, creates_per_hour=creates_per_hour, joined=JoinedCreates(one, many))

    def accept(self, new: NewCluster) -> Accepted:
        """Durable when it returns. The same key and request give the same answer again, and one cluster.

        Only a create that makes a cluster counts for its team's limit.
        Raises NameTaken, KeyReused, RateLimited, RequestInProgress, Unavailable.
        """
        inserted = self.joined.insert(new)
        if inserted.accepted:
            return Accepted(cluster_id=new.cluster_id, job_id=new.job_id, status=ClusterStatus.PENDING)
        with autocommit(self.engine) as tx:
            if stored := idempotency.find_answer(tx, new.request, partial(_is_same, tx, new)):
                first = Accepted.again(stored)
                return replace(first, spec_json=clusters.get(tx, first.cluster_id).spec)
        if inserted.wait_seconds is not None:
            raise _hour_is_used_up(new.spec.team, self.creates_per_hour, inserted.wait_seconds)
        return self.accept(new)  # the key had expired and is gone now


def _insert_one(engine: Database, creates_per_hour: int, new: NewCluster) -> Inserted:
    with autocommit(engine) as tx:
        reach(Failpoint.ACCEPT_BEFORE_COMMIT)
        inserted = creates.insert_cluster(tx, new, creates_per_hour=creates_per_hour)
    if inserted.accepted:
        reach(Failpoint.ACCEPT_COMMITTED)
    return inserted


def _insert_many(engine: Database, creates_per_hour: int, new: Sequence[NewCluster]) -> frozenset[int]:
    with autocommit(engine) as tx:
        reach(Failpoint.ACCEPT_BEFORE_COMMIT)
        stored = creates.insert_clusters(tx, new, creates_per_hour=creates_per_hour)
    if stored:
        reach(Failpoint.ACCEPT_COMMITTED)
    return stored


def check_create(engine: Database, spec: ResolvedSpec, *, creates_per_hour: int) -> None:
    """Refuses what `Creates` would refuse now. Raises NameTaken, RateLimited, Unavailable."""
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
