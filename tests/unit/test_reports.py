"""Spans of time and cells of a table."""

from datetime import UTC, datetime

import pytest
from ocpctl_api_gateway.reads import spans
from ocpctl_api_gateway.reads.usage_reads import Row, UsageReport
from ocpctl_api_gateway.servicers.reports import as_csv, harmless
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.store.queries.usage import Group


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_the_table() -> None:
    row = Row(key='a,"b"', clusters=2, seconds=5400, cost_micros=7)
    report = UsageReport(group=Group.OWNER, rows=[row], sampled_until=datetime(2026, 1, 1, tzinfo=UTC))
    assert as_csv(report) == 'owner,clusters,cluster_hours,cost_micros,currency\r\n"a,""b""",2,1.5,7,USD\r\n'


def test_a_whole_leap_year_is_allowed_and_a_day_more_is_not() -> None:
    assert spans.whole("2028-01-01T00:00:00Z", "2029-01-01T00:00:00+00:00")[0] == datetime(2028, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidRequest, match="366"):
        spans.whole("2028-01-01T00:00:00Z", "2029-01-02T00:00:00Z")
