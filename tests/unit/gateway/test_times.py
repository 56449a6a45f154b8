"""Times in protobuf are what the library makes of them."""

from datetime import UTC, datetime, timedelta, timezone

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import example, given
from hypothesis import strategies as st
from ocpctl_api_gateway.translation import times

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(timezones=ZONES).filter(lambda time: 1 < time.year < 9999)


@given(TIMES)
@example(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2026, 11, 27, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(9999, 12, 29, 23, 59, 59, 999_999, tzinfo=UTC))
def test_a_time_is_exact(time: datetime) -> None:
    expected = Timestamp()
    expected.FromDatetime(time)
    assert times.timestamp(time) == expected


def test_no_time_is_none() -> None:
    assert times.timestamp(None) is None
