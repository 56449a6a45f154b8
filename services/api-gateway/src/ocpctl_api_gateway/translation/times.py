"""Times in protobuf."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(time: datetime | None) -> Timestamp | None:
    """None stays None: the field is not set."""
    return None if time is None else _stamp(time)


def rfc3339(time: datetime) -> str:
    """For fields that are strings: as JSON has it in fields that are times."""
    return _stamp(time).ToJsonString()


def _stamp(time: datetime) -> Timestamp:
    """As Timestamp.FromDatetime, in a third of the time: a page of clusters has hundreds."""
    return Timestamp(seconds=int(time.replace(microsecond=0).timestamp()), nanos=time.microsecond * 1000)
