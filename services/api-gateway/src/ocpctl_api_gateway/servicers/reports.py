"""ocpctl.v1.ReportService: what clusters cost, as JSON and as CSV."""

import csv
import io

import grpc
from google.api.httpbody_pb2 import HttpBody
from ocpctl.v1 import report_service_pb2 as pb
from ocpctl.v1.report_service_pb2_grpc import ReportServiceServicer
from ocpctl_common.store.engine import Database

from ocpctl_api_gateway.identity.door import Door
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import spans, usage
from ocpctl_api_gateway.reads.usage import UsageReport
from ocpctl_api_gateway.translation import records

COLUMNS = ("clusters", "cluster_hours", "cost_micros", "currency")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ReportServicer(ReportServiceServicer):
    """Reports behind the door."""

    def __init__(self, door: Door, engine: Database) -> None:
        self._door = door
        self._engine = engine

    def GetUsage(self, request: pb.GetUsageRequest, context: grpc.ServicerContext) -> pb.GetUsageResponse:
        """See the proto."""
        with self._door.enter(context, "GetUsage") as caller:
            report = self._read(caller, request)
            return records.usage(report.group, report.rows, report.total, report.sampled_until)

    def GetUsageCsv(self, request: pb.GetUsageCsvRequest, context: grpc.ServicerContext) -> HttpBody:
        """See the proto."""
        with self._door.enter(context, "GetUsageCsv") as caller:
            report = self._read(caller, request)
            context.send_initial_metadata((("content-disposition", 'attachment; filename="usage.csv"'),))
            return HttpBody(content_type="text/csv; charset=utf-8", data=as_csv(report).encode())

    def _read(self, caller: Principal, request: pb.GetUsageRequest | pb.GetUsageCsvRequest) -> UsageReport:
        begin, end = spans.whole(request.from_time, request.to_time)
        return usage.read(self._engine, caller, records.group(request.group_by), begin=begin, end=end)


def as_csv(report: UsageReport) -> str:
    """The rows with a line of headings; no cell is read as a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((report.group.value, *COLUMNS))
    for row in map(records.usage_row, report.rows):
        writer.writerow((harmless(row.key), *(getattr(row, name) for name in COLUMNS)))
    return text.getvalue()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
