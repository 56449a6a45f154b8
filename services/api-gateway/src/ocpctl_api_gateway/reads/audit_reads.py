"""The audit in pages and as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from ocpctl.v1 import audit_service_pb2 as pb
from ocpctl_common.audit.chain import ChainedEvent
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import audit
from ocpctl_common.store.queries.audit import AuditFilter

from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import listing, paging
from ocpctl_api_gateway.reads.paging import Page, PageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditExport:
    """Events after the number `after`, the oldest first."""

    engine: Database
    wanted: AuditFilter
    after: int

    def events(self) -> Iterator[ChainedEvent]:
        """Ends with the events that existed when it began. Raises Unavailable, also in the middle."""
        return audit.export(self.engine, self.wanted, after=self.after)

    @property
    def holds_whole_chains(self) -> bool:
        """Whether a complete export can be verified by its hash chains."""
        return self.after == 0 and self.wanted.keeps_chains


@dataclass(frozen=True, slots=True)
class AuditReads:
    """Raises Unavailable."""

    engine: Database

    def page(self, caller: Principal, request: pb.ListAuditEventsRequest) -> Page[ChainedEvent]:
        """The newest events first."""
        wanted, asked = listing.audit_events(request), PageRequest.of(caller.arn, request)
        before = paging.number(asked.after)
        with autocommit(self.engine) as tx:
            found = audit.newest(tx, wanted, before=before, limit=asked.fetch)
        return asked.cut(found, row_id=lambda event: event.seq)

    def export(self, request: pb.ExportAuditRequest) -> AuditExport:
        """Raises InvalidRequest."""
        wanted, after = listing.audit_events(request), listing.after_sequence(request)
        return AuditExport(engine=self.engine, wanted=wanted, after=after)
