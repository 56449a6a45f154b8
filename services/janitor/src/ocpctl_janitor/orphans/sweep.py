"""The orphan search: the cloud is read first and the attempts after it, so nothing that lives is called one."""

from collections.abc import Iterable, Iterator, Sequence

import structlog
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.errors import OcpctlError
from ocpctl_common.providers.cloud import Cloud, OrphanSearch, Tagged
from ocpctl_common.providers.registry import Clouds
from ocpctl_common.rpc.client import call
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import orphans
from ocpctl_common.store.queries.orphans import Ownership
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.passes import Report

SECONDS = 20.0
LIMIT = 2000  # orphans recorded of a region; the next ones follow when these are gone

log = structlog.get_logger()


class OrphanSweep:
    """One pass looks into every region that is enabled or was ever used, in every cloud; one that fails stops no other.

    Searches less than half a pause apart are one: what two searches apart have missed is gone.
    An identity is durable before anything of it exists, so a tagged resource without an attempt is nobody's.
    """

    def __init__(
        self,
        engine: Database,
        stub: SweepServiceStub,
        clouds: Clouds,
        *,
        grace_seconds: float,
        apart_seconds: float,
    ) -> None:
        self._engine = engine
        self._stub = stub
        self._clouds = clouds
        self._grace = grace_seconds
        self._apart = apart_seconds

    def run_once(self) -> Report:
        """One pass. Raises Unavailable when the database or the cloud's own identity is away."""
        asked = [
            answer for platform, cloud in self._clouds.by_provider.items() for answer in self._of_cloud(platform, cloud)
        ]
        answers = [answer for answer in asked if answer]
        if len(answers) == len(asked):
            metrics.orphans.set(sum(answer.open for answer in answers))
        found, fresh = sum(answer.open for answer in answers), sum(answer.fresh for answer in answers)
        return Report(found=found, applied=fresh, failed=len(asked) - len(answers))

    def _of_cloud(self, platform: str, cloud: Cloud) -> Iterator[pb.RecordOrphansResponse | None]:
        """An answer a region; None: that search has failed."""
        account, search = cloud.account.ask(), cloud.orphans
        with autocommit(self._engine) as tx:
            used = {*orphans.regions(tx, platform), *search.always}
        enabled = _enabled(search)
        if enabled is None:
            yield None
        for region in sorted(used.union(enabled or ())):
            yield self._region(search, account, region)

    def _region(self, search: OrphanSearch, account: str, region: str) -> pb.RecordOrphansResponse | None:
        try:
            lost = self._without_owner(search, account, region)
            request = pb.RecordOrphansRequest(
                account_id=account,
                region=region,
                found=map(_found, lost[:LIMIT]),
                complete=len(lost) <= LIMIT,
                apart_seconds=self._apart,
            )
            return call(self._stub.RecordOrphans, request, timeout=SECONDS)
        except OcpctlError as error:  # also a region whose calls are forbidden
            log.warning("orphan search failed", region=region, error=str(error))
            return None

    def _without_owner(self, search: OrphanSearch, account: str, region: str) -> list[Tagged]:
        named = self._owners(search.infra_ids(region), [])
        gone = [owner.infra_id for owner in named if owner.infra_id and not owner.live]
        seen = search.resources(account, region, gone)
        owners = self._owners([one.infra_id for one in seen], [one.attempt_id for one in seen])
        lost = [one for one in orphaned(seen, owners) if search.exists(one)]
        return sorted(lost, key=lambda one: one.arn)

    def _owners(self, infra_ids: Iterable[str], attempts: Iterable[str]) -> list[Ownership]:
        with autocommit(self._engine) as tx:
            return orphans.owners(
                tx,
                infra_ids=sorted({name for name in infra_ids if name}),
                attempts=sorted({name for name in attempts if name}),
                grace_seconds=self._grace,
            )


def _enabled(search: OrphanSearch) -> Sequence[str] | None:
    """None: the account does not say, and the regions that were used must do for this pass."""
    try:
        return search.regions()
    except OcpctlError as error:
        log.warning("list of regions failed", error=str(error))
        return None


def orphaned(seen: Iterable[Tagged], owners: Iterable[Ownership]) -> Iterable[Tagged]:
    """What belongs to nothing that lives. Clusters that others have made in the same account are not ours to judge."""
    known = {name: owner for owner in owners for name in (owner.attempt_id, owner.infra_id) if name}
    for one in seen:
        owner = known.get(one.infra_id) or known.get(one.attempt_id)
        if (one.ours or owner) and not (owner and owner.live):
            yield one


def _found(one: Tagged) -> pb.FoundOrphan:
    return pb.FoundOrphan(resource_arn=one.arn, infra_id=one.infra_id, resource_type=one.kind)
