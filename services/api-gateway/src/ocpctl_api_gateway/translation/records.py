"""Where the public protobuf of records (audit, usage, orphans, logs) meets the domain."""

from collections.abc import Sequence
from datetime import datetime

from ocpctl.v1 import admin_service_pb2 as admin_pb
from ocpctl.v1 import audit_service_pb2 as audit_pb
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import report_service_pb2 as report_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.audit.chain import ChainedEvent
from ocpctl_common.store.queries.audit import AuditFilter
from ocpctl_common.store.queries.job_logs import LogLineView
from ocpctl_common.store.queries.orphans import OrphanView
from ocpctl_common.store.queries.usage import Group

from ocpctl_api_gateway.reads import spans
from ocpctl_api_gateway.reads.usage import Row
from ocpctl_api_gateway.streams import Reason
from ocpctl_api_gateway.translation.times import timestamp
from ocpctl_api_gateway.translation.views import CURRENCY

SECONDS_AN_HOUR = 3600


def audit_filter(request: audit_pb.ListAuditEventsRequest | audit_pb.ExportAuditRequest) -> AuditFilter:
    """Which events. Raises InvalidRequest."""
    begin, end = spans.moment("from", request.from_time), spans.moment("to", request.to_time)
    spans.ordered(begin, end)
    return AuditFilter(
        cluster_id=request.cluster_id,
        actor=request.actor,
        action=request.action,
        outcome=audit_pb.AuditOutcome.Value.Name(request.outcome) if request.outcome else "",
        correlation_id=request.correlation_id,
        begin=begin,
        end=end,
    )


def audit_event(event: ChainedEvent) -> audit_pb.AuditEvent:
    """An event as auditors see it: everything that its hash covers."""
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
    """An event of an export."""
    return audit_pb.ExportAuditResponse(event=audit_event(event))


def export_end(reason: Reason, *, events: int, last: int, whole: bool) -> audit_pb.ExportAuditResponse:
    """The last message of an export."""
    end = audit_pb.AuditExportEnd(reason=reason, events=events, last_sequence=last, whole_chains=whole)
    return audit_pb.ExportAuditResponse(end=end)


def log_line(view: LogLineView) -> job_pb.StreamJobLogResponse:
    """A line."""
    line = job_pb.JobLogLine(
        sequence=view.id,
        time=timestamp(view.created_at),
        attempt_id=view.attempt_id,
        fence=view.fence,
        text=view.line,
    )
    return job_pb.StreamJobLogResponse(line=line)


def log_heartbeat(now: datetime) -> job_pb.StreamJobLogResponse:
    """A sign of life."""
    return job_pb.StreamJobLogResponse(heartbeat=job_pb.JobLogHeartbeat(time=timestamp(now)))


def log_end(reason: Reason, *, sent: int, after: int, status: str) -> job_pb.StreamJobLogResponse:
    """The last message of a log."""
    word = types_pb2.JobStatus.Value.Value(status)
    end = job_pb.JobLogEnd(reason=reason, lines=sent, last_sequence=after, job_status=word)
    return job_pb.StreamJobLogResponse(end=end)


def group(word: report_pb.UsageGroup.Value.ValueType) -> Group:
    """What a row of a report stands for; nothing said means teams."""
    return Group[report_pb.UsageGroup.Value.Name(word or report_pb.UsageGroup.TEAM)]


def usage(group: Group, rows: Sequence[Row], total: Row, sampled_until: datetime) -> report_pb.GetUsageResponse:
    """A report."""
    return report_pb.GetUsageResponse(
        group_by=report_pb.UsageGroup.Value.Value(group.name),
        rows=map(usage_row, rows),
        total=usage_row(total),
        sampled_until=sampled_until.isoformat(),
    )


def usage_row(row: Row) -> report_pb.UsageRow:
    """A row of a report."""
    return report_pb.UsageRow(
        key=row.key,
        clusters=row.clusters,
        cluster_hours=row.seconds / SECONDS_AN_HOUR,
        cost_micros=row.cost_micros,
        currency=CURRENCY,
    )


def orphan(view: OrphanView) -> admin_pb.Orphan:
    """An orphan."""
    return admin_pb.Orphan(
        resource_arn=view.resource_arn,
        infra_id=view.infra_id,
        resource_type=view.resource_type,
        account_id=view.account_id,
        region=view.region,
        first_seen_time=timestamp(view.created_at),
        last_seen_time=timestamp(view.last_seen_at),
        resolved_time=timestamp(view.resolved_at),
    )
