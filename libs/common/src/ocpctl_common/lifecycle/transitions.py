"""Every transition: an allowed change of a cluster's or a job's status, as a row. Nothing else changes a status.

`decide` is pure; the caller writes its answer with one compare-and-set. `make gen` prints these rows into
docs/lifecycle.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from ocpctl_common.errors import WrongState
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus


class ClusterEvent(StrEnum):
    """What can happen to a cluster."""

    ATTEMPT_AUTHORIZED = "ATTEMPT_AUTHORIZED"
    INSTALL_SUCCEEDED = "INSTALL_SUCCEEDED"
    INSTALL_GIVEN_UP = "INSTALL_GIVEN_UP"
    SCALE_REQUESTED = "SCALE_REQUESTED"
    WORKERS_SCALED = "WORKERS_SCALED"
    SCALE_GIVEN_UP = "SCALE_GIVEN_UP"
    DESTROY_REQUESTED = "DESTROY_REQUESTED"
    DESTROY_PROVEN = "DESTROY_PROVEN"
    REMAINS_FOUND = "REMAINS_FOUND"


class JobEvent(StrEnum):
    """What can happen to a job."""

    ACQUIRED = "ACQUIRED"
    SUCCEEDED = "SUCCEEDED"
    TO_BE_RETRIED = "TO_BE_RETRIED"
    GIVEN_UP = "GIVEN_UP"
    CANCELLED = "CANCELLED"


Event = TypeVar("Event", bound=StrEnum)
Status = TypeVar("Status", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[Event, Status]):
    """One row: the event, the statuses it may meet, the status it leaves, and why it exists."""

    event: Event
    sources: frozenset[Status]
    target: Status
    why: str


_C, _J = ClusterStatus, JobStatus

CLUSTER_TRANSITIONS: tuple[Transition[ClusterEvent, ClusterStatus], ...] = (
    Transition(
        ClusterEvent.ATTEMPT_AUTHORIZED,
        frozenset({_C.PENDING, _C.CREATING}),
        _C.CREATING,
        "From here on something may exist in the cloud.",
    ),
    Transition(
        ClusterEvent.INSTALL_SUCCEEDED,
        frozenset({_C.CREATING}),
        _C.READY,
        "The installer ended well and the outputs are stored.",
    ),
    Transition(
        ClusterEvent.INSTALL_GIVEN_UP,
        frozenset({_C.PENDING, _C.CREATING}),
        _C.FAILED,
        "No further attempt is allowed; resources_remaining tells whether the clean-up was verified.",
    ),
    Transition(
        ClusterEvent.SCALE_REQUESTED,
        frozenset({_C.READY}),
        _C.SCALING,
        "A person asked for another number of workers.",
    ),
    Transition(
        ClusterEvent.WORKERS_SCALED,
        frozenset({_C.SCALING}),
        _C.READY,
        "The cluster's own API says that so many workers are ready.",
    ),
    Transition(
        ClusterEvent.SCALE_GIVEN_UP,
        frozenset({_C.SCALING}),
        _C.READY,
        "The workers did not become ready; the cluster still works, and status_reason tells what happened.",
    ),
    Transition(
        ClusterEvent.DESTROY_REQUESTED,
        frozenset({_C.PENDING, _C.CREATING, _C.READY, _C.SCALING, _C.FAILED, _C.DESTROYING}),
        _C.DESTROYING,
        "A person asked, or the time to live ended; what runs is cancelled first. From DESTROYING: it had no job.",
    ),
    Transition(
        ClusterEvent.DESTROY_PROVEN,
        frozenset({_C.DESTROYING}),
        _C.DESTROYED,
        "Every attempt that was ever authorised has a receipt.",
    ),
    Transition(
        ClusterEvent.REMAINS_FOUND,
        frozenset({_C.DESTROYED, _C.FAILED}),
        _C.DESTROYING,
        "Post-destroy verification found what was proven gone: an incident, and a destroy that must be proven "
        "again. From FAILED: only if nothing remained.",
    ),
)

JOB_TRANSITIONS: tuple[Transition[JobEvent, JobStatus], ...] = (
    Transition(
        JobEvent.ACQUIRED,
        frozenset({_J.PENDING, _J.RETRYING}),
        _J.RUNNING,
        "A runner holds the cluster's lease for this job.",
    ),
    Transition(JobEvent.SUCCEEDED, frozenset({_J.RUNNING}), _J.SUCCEEDED, "The attempt reached the goal."),
    Transition(
        JobEvent.TO_BE_RETRIED,
        frozenset({_J.RUNNING}),
        _J.RETRYING,
        "The attempt ended without success, or its runner was lost; another one follows.",
    ),
    Transition(JobEvent.GIVEN_UP, frozenset({_J.RUNNING}), _J.FAILED, "No further attempt is allowed."),
    Transition(
        JobEvent.CANCELLED,
        frozenset({_J.PENDING, _J.RETRYING, _J.RUNNING}),
        _J.CANCELLED,
        "A destroy was requested before the work ended.",
    ),
)


def decide(rows: Iterable[Transition[Event, Status]], event: Event, current: Status) -> Status:
    """The status after `event`. Raises WrongState when `current` does not allow it."""
    row = next(row for row in rows if row.event == event)
    if current not in row.sources:
        allowed = ", ".join(sorted(row.sources))
        raise WrongState(f"the status is {current}; this is possible while it is one of: {allowed}")
    return row.target
