"""Times in protobuf."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(time: datetime | None) -> Timestamp | None:
    """None stays None: the field is not set."""
    if time is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


def rfc3339(time: datetime) -> str:
    """For fields that are strings: as JSON has it in fields that are times."""
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp.ToJsonString()
