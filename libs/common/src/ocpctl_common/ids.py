"""Identifiers: a prefix and a ULID of 26 characters. They sort by creation (lib: python-ulid)."""

import re
from typing import NewType

from ulid import ULID

ClusterId = NewType("ClusterId", str)
JobId = NewType("JobId", str)
AttemptId = NewType("AttemptId", str)
EventId = NewType("EventId", str)
SessionId = NewType("SessionId", str)
MappingId = NewType("MappingId", str)

CLUSTER_ID = re.compile(r"clu_[0-9A-HJKMNP-TV-Z]{26}")
JOB_ID = re.compile(r"job_[0-9A-HJKMNP-TV-Z]{26}")
SESSION_ID = re.compile(r"ses_[0-9A-HJKMNP-TV-Z]{26}")
MAPPING_ID = re.compile(r"map_[0-9A-HJKMNP-TV-Z]{26}")


def new_cluster_id() -> ClusterId:
    """A fresh `clu_…`."""
    return ClusterId(f"clu_{ULID()}")


def new_job_id() -> JobId:
    """A fresh `job_…`."""
    return JobId(f"job_{ULID()}")


def new_attempt_id() -> AttemptId:
    """A fresh `att_…`."""
    return AttemptId(f"att_{ULID()}")


def new_event_id() -> EventId:
    """A fresh `evt_…`."""
    return EventId(f"evt_{ULID()}")


def new_session_id() -> SessionId:
    """A fresh `ses_…`."""
    return SessionId(f"ses_{ULID()}")


def new_mapping_id() -> MappingId:
    """A fresh `map_…`."""
    return MappingId(f"map_{ULID()}")
