"""ocpctl.v1.AuditService: the audit in pages and as one stream."""

from collections.abc import Iterator

import grpc
from ocpctl.v1 import audit_service_pb2 as pb
from ocpctl.v1 import types_pb2
from ocpctl.v1.audit_service_pb2_grpc import AuditServiceServicer
from ocpctl_common.errors import Unavailable

from ocpctl_api_gateway.dependencies import Dependencies
from ocpctl_api_gateway.reads.audit_reads import AuditExport, AuditReads
from ocpctl_api_gateway.streams import Reason, Stream, Streams
from ocpctl_api_gateway.translation import audit_messages

COMPLETE, FAILED = types_pb2.StreamEnd.COMPLETE, types_pb2.StreamEnd.FAILED


class AuditServicer(AuditServiceServicer):
    """An export is itself audited before its first message."""

    def __init__(self, dependencies: Dependencies, reads: AuditReads, streams: Streams) -> None:
        self._authentication = dependencies.authentication
        self._scheduler = dependencies.scheduler
        self._reads = reads
        self._streams = streams

    def ListAuditEvents(
        self, request: pb.ListAuditEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListAuditEventsResponse:
        with self._authentication.authorize(context, "ListAuditEvents") as caller:
            page = self._reads.page(caller, request)
            events = map(audit_messages.audit_event, page.rows)
            return pb.ListAuditEventsResponse(events=events, next_page_token=page.next_token)

    def ExportAudit(
        self, request: pb.ExportAuditRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ExportAuditResponse]:
        with self._authentication.authorize(context, "ExportAudit") as caller:
            export = self._reads.export(request)
            with self._streams.enter(context, caller.arn, caller.claims.session_id) as stream:
                self._scheduler.audit_hand_out(caller, "ExportAudit", "")
                yield from exported(export, stream)


def exported(export: AuditExport, stream: Stream) -> Iterator[pb.ExportAuditResponse]:
    """Events, then one end. Raises Unavailable before the first message only."""
    count, last = 0, export.after
    reason: Reason = COMPLETE
    try:
        for event in export.events():
            if stream.gone:
                return
            if ending := stream.must_end():
                reason = ending
                break
            yield audit_messages.exported_event(event)
            count, last = count + 1, event.seq
    except Unavailable:
        if count == 0:
            raise
        reason = FAILED
    whole = reason == COMPLETE and export.holds_whole_chains
    yield audit_messages.export_end(reason, events=count, last=last, whole=whole)
