"""Usage reports in protobuf."""

from ocpctl.v1 import report_service_pb2 as report_pb

from ocpctl_api_gateway.reads.usage_reads import Row, UsageReport
from ocpctl_api_gateway.translation.cluster_messages import CURRENCY
from ocpctl_api_gateway.translation.times import rfc3339

SECONDS_AN_HOUR = 3600


def usage(report: UsageReport) -> report_pb.GetUsageResponse:
    return report_pb.GetUsageResponse(
        group_by=report_pb.UsageGroup.Value.Value(report.group.name),
        rows=map(usage_row, report.rows),
        total=usage_row(report.total),
        sampled_until=rfc3339(report.sampled_until),
    )


def usage_row(row: Row) -> report_pb.UsageRow:
    return report_pb.UsageRow(
        key=row.key,
        clusters=row.clusters,
        cluster_hours=row.seconds / SECONDS_AN_HOUR,
        cost_micros=row.cost_micros,
        currency=CURRENCY,
    )
