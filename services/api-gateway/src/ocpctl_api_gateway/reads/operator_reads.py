"""What operators read: leases, queues, runners, orphans, states without an owner."""

from dataclasses import dataclass

from ocpctl.v1 import admin_service_pb2 as pb
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import invariants, operations, orphans
from ocpctl_common.store.queries.invariants import Breach
from ocpctl_common.store.queries.operations import LockView, QueueView, RunnerView
from ocpctl_common.store.queries.orphans import OrphanView

from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.reads.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class OperatorReads:
    """Raises Unavailable."""

    engine: Database

    def locks(self) -> list[LockView]:
        """Held leases, the longest silent first."""
        with autocommit(self.engine) as tx:
            return operations.locks(tx)

    def queue(self) -> QueueView:
        """What waits now."""
        with autocommit(self.engine) as tx:
            return operations.queue(tx)

    def runners(self) -> list[RunnerView]:
        """Runners of the last day, by id."""
        with autocommit(self.engine) as tx:
            return operations.runners(tx)

    def orphans(self, caller: Principal, request: pb.ListOrphansRequest) -> Page[OrphanView]:
        """The newest orphans first."""
        asked = PageRequest.of(caller.arn, request)
        before = paging.number(asked.after)
        with autocommit(self.engine) as tx:
            found = orphans.page(tx, include_resolved=request.include_resolved, before=before, limit=asked.fetch)
        return asked.cut(found)

    def states_without_owner(self) -> list[Breach]:
        """Broken invariants, by cluster."""
        with autocommit(self.engine) as tx:
            return invariants.breaches(tx)
