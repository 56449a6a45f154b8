"""Audit events in protobuf."""

from ocpctl.v1 import audit_service_pb2 as audit_pb
from ocpctl_common.audit.chain import ChainedEvent

from ocpctl_api_gateway.streams import Reason
from ocpctl_api_gateway.translation.times import timestamp


def audit_event(event: ChainedEvent) -> audit_pb.AuditEvent:
    """An event with everything that its hash covers."""
    return audit_pb.AuditEvent(
        sequence=event.seq,
        id=event.id,
        time=timestamp(event.created_at),
        cluster_id=event.target_cluster_id,
        actor=event.actor,
        action=event.action,
        outcome=audit_pb.AuditOutcome.Value.Value(event.outcome),
        reason=event.reason,
        from_status=event.from_status,
        to_status=event.to_status,
        job_id=event.job_id,
        attempt_id=event.attempt_id,
        fence=event.fence,
        correlation_id=event.correlation_id,
        previous_hash=event.previous_hash.hex(),
        hash=event.hash.hex(),
    )


def exported_event(event: ChainedEvent) -> audit_pb.ExportAuditResponse:
    return audit_pb.ExportAuditResponse(event=audit_event(event))


def export_end(reason: Reason, *, events: int, last: int, whole: bool) -> audit_pb.ExportAuditResponse:
    """The last message of an export. `last` is the number of the last event that was sent."""
    end = audit_pb.AuditExportEnd(reason=reason, events=events, last_sequence=last, whole_chains=whole)
    return audit_pb.ExportAuditResponse(end=end)
