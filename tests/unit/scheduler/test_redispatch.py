"""What the janitor's requests find: whose time is over, and who is silent."""

from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus
from ocpctl_scheduler import redispatch, sweeps

from tests.unit.scheduler.scheduled import CLUSTER, FREE, JOB, LEASE

YES = ""
# Whether its time is over and whether anything remains: what is done.
LIVING = {(True, True): YES, (True, False): YES, (False, True): "NOT_EXPIRED", (False, False): "NOT_EXPIRED"}
ENDS = {
    "PENDING": LIVING,
    "CREATING": LIVING,
    "READY": LIVING,
    "SCALING": LIVING,
    "FAILED": LIVING | {(True, False): "NOTHING_REMAINS", (False, False): "NOTHING_REMAINS"},
    "DESTROYING": dict.fromkeys(LIVING, "STATUS_DESTROYING"),
    "DESTROYED": dict.fromkeys(LIVING, "STATUS_DESTROYED"),
}


@pytest.mark.parametrize("facts", LIVING)
@pytest.mark.parametrize("status", ClusterStatus)
def test_whose_time_is_over(status: ClusterStatus, facts: tuple[bool, bool]) -> None:
    expired, remaining = facts
    cluster = replace(CLUSTER, status=status, expired=expired, resources_remaining=remaining)
    assert sweeps._not_expired(cluster) == ENDS[status][facts]


WAITING = {"status": JobStatus.PENDING, "waits_for": "a/r/creates"}


@pytest.mark.parametrize(
    ("job", "held", "seen", "waited_for", "expected"),
    [
        (WAITING, False, 0, "", YES),
        (WAITING | {"status": JobStatus.RETRYING}, False, 0, "", YES),
        (WAITING | {"status": JobStatus.RUNNING}, False, 0, "", "NOT_DUE"),
        (WAITING | {"status": JobStatus.CANCELLED}, False, 0, "a/r/creates", "NOT_DUE"),
        (WAITING | {"due": False}, False, 0, "", "NOT_DUE"),
        (WAITING | {"due": False}, False, 0, "a/r/creates", YES),
        (WAITING | {"due": False}, False, 0, "a/r/destroys", "NOT_DUE"),
        (WAITING | {"due": False, "waits_for": ""}, False, 0, "", "NOT_DUE"),
        (WAITING, False, 0, "a/r/destroys", YES),
        (WAITING, True, 0, "", "LEASE_HELD"),
        (WAITING, False, 6, "", "DISPATCHED_MEANWHILE"),
        (WAITING, False, 7, "", YES),
        (WAITING, False, 8, "", "DISPATCHED_MEANWHILE"),
        (WAITING, True, 6, "", "LEASE_HELD"),
    ],
)
def test_who_is_silent(job: dict[str, Any], held: bool, seen: int, waited_for: str, expected: str) -> None:
    assert redispatch._not_silent(LEASE if held else FREE, replace(JOB, **job), seen, waited_for) == expected
