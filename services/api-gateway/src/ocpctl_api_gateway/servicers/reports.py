"""ocpctl.v1.ReportService: what clusters cost, as JSON and as CSV."""

import csv
import io

import grpc
from google.api.httpbody_pb2 import HttpBody
from ocpctl.v1 import report_service_pb2 as pb
from ocpctl.v1.report_service_pb2_grpc import ReportServiceServicer

from ocpctl_api_gateway.identity.authentication import Authentication
from ocpctl_api_gateway.reads.usage_reads import UsageReads, UsageReport
from ocpctl_api_gateway.translation import usage_messages

COLUMNS = ("clusters", "cluster_hours", "cost_micros", "currency")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ReportServicer(ReportServiceServicer):
    """Both forms hold the same rows."""

    def __init__(self, authentication: Authentication, reads: UsageReads) -> None:
        self._authentication = authentication
        self._reads = reads

    def GetUsage(self, request: pb.GetUsageRequest, context: grpc.ServicerContext) -> pb.GetUsageResponse:
        with self._authentication.authorize(context, "GetUsage") as caller:
            return usage_messages.usage(self._reads.report(caller, request))

    def GetUsageCsv(self, request: pb.GetUsageCsvRequest, context: grpc.ServicerContext) -> HttpBody:
        with self._authentication.authorize(context, "GetUsageCsv") as caller:
            report = self._reads.report(caller, request)
            context.send_initial_metadata((("content-disposition", 'attachment; filename="usage.csv"'),))
            return HttpBody(content_type="text/csv; charset=utf-8", data=as_csv(report).encode())


def as_csv(report: UsageReport) -> str:
    """The rows below a line of headings. A spreadsheet reads no cell as a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((report.group.value, *COLUMNS))
    for row in map(usage_messages.usage_row, report.rows):
        writer.writerow((harmless(row.key), *(getattr(row, name) for name in COLUMNS)))
    return text.getvalue()


def harmless(cell: str) -> str:
    """Puts an apostrophe before a cell that a spreadsheet would read as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
