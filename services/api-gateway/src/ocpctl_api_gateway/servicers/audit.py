"""ocpctl.v1.AuditService: the audit in pages and as one stream."""

from collections.abc import Iterator

import grpc
from ocpctl.v1 import audit_service_pb2 as pb
from ocpctl.v1 import types_pb2
from ocpctl.v1.audit_service_pb2_grpc import AuditServiceServicer
from ocpctl_common.errors import FieldProblem, InvalidRequest, Unavailable
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import audit
from ocpctl_common.store.queries.audit import AuditFilter

from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.streams import Reason, Stream, Streams
from ocpctl_api_gateway.translation import records

COMPLETE, FAILED = types_pb2.StreamEnd.COMPLETE, types_pb2.StreamEnd.FAILED


class AuditServicer(AuditServiceServicer):
    """SELECTs behind the door; an export is itself audited before its first message."""

    def __init__(self, ports: Ports, engine: Database, streams: Streams) -> None:
        self._ports = ports
        self._engine = engine
        self._streams = streams

    def ListAuditEvents(
        self, request: pb.ListAuditEventsRequest, context: grpc.ServicerContext
    ) -> pb.ListAuditEventsResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListAuditEvents") as caller:
            most = paging.size(request.page_size)
            binding = paging.binding(caller.arn, request)
            wanted = records.audit_filter(request)
            before = paging.number(paging.decode(request.page_token, binding))
            with autocommit(self._engine) as tx:
                found = audit.newest(tx, wanted, before=before, most=most + 1)
            page = found[:most]
            more = paging.encode(page[-1].created_at, str(page[-1].seq), binding) if len(found) > most else ""
            return pb.ListAuditEventsResponse(events=map(records.audit_event, page), next_page_token=more)

    def ExportAudit(
        self, request: pb.ExportAuditRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.ExportAuditResponse]:
        """See the proto."""
        with self._ports.door.enter(context, "ExportAudit") as caller:
            wanted, after = records.audit_filter(request), _after(request)
            with self._streams.enter(context, caller.arn, caller.claims.session_id) as stream:
                self._ports.scheduler.audit_hand_out(caller, "ExportAudit", "")
                yield from exported(self._engine, wanted, after, stream)


def _after(request: pb.ExportAuditRequest) -> int:
    if request.after_sequence < 0:
        problem = FieldProblem(field="afterSequence", description="must not be negative", reason="OUT_OF_RANGE")
        raise InvalidRequest("afterSequence must not be negative", problems=[problem])
    return request.after_sequence


def exported(engine: Database, wanted: AuditFilter, after: int, stream: Stream) -> Iterator[pb.ExportAuditResponse]:
    """Events, then one end. Raises Unavailable before the first message only."""
    count, last = 0, after
    reason: Reason = COMPLETE
    try:
        for event in audit.export(engine, wanted, after=after):
            if stream.gone:
                return
            if ending := stream.must_end():
                reason = ending
                break
            yield records.exported_event(event)
            count, last = count + 1, event.seq
    except Unavailable:
        if count == 0:
            raise
        reason = FAILED
    whole = reason == COMPLETE and after == 0 and wanted.keeps_chains
    yield records.export_end(reason, events=count, last=last, whole=whole)
