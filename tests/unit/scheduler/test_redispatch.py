"""What the janitor's requests find: whose time is over, and who is silent."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus
from ocpctl_common.store import jobs, leases, outbox
from ocpctl_scheduler import redispatch, sweeps

from tests.unit.scheduler.scheduled import CLUSTER, FREE, JOB, LEASE, TX

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
    cluster = replace(CLUSTER, status=status, resources_remaining=remaining)
    assert sweeps._not_expired(replace(cluster, expired=expired)) == ENDS[status][facts]
    assert sweeps._not_expired(replace(cluster, abandoned=expired)) == ENDS[status][facts]


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


POOL = {"waited_for": "a/r/creates"}
PLACE_IS_FREE = {"waits_for": "", "pause_seconds": 0}


@pytest.mark.parametrize(
    ("words", "job", "refusal", "changes"),
    [
        ({}, {}, YES, {"silent_rings": 5}),
        ({"seen": 7}, {}, YES, {"silent_rings": 5}),
        ({"seen": 7}, {"status": JobStatus.RETRYING}, YES, {"silent_rings": 5}),
        (POOL, {}, YES, PLACE_IS_FREE),
        (POOL, {"due": False}, YES, PLACE_IS_FREE),
        ({"seen": 6}, {}, "DISPATCHED_MEANWHILE", None),
        ({}, {"due": False}, "NOT_DUE", None),
        ({"waited_for": "a/r/destroys"}, {"due": False}, "NOT_DUE", None),
    ],
)
def test_what_a_redispatch_changes(
    words: dict[str, Any],
    job: dict[str, Any],
    refusal: str,
    changes: dict[str, Any] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a job that was silent is counted as silent; one whose pool has a place waits for it no longer."""
    done: list[object] = []
    waiting = replace(JOB, **(WAITING | {"silent_rings": 4} | job))
    monkeypatch.setattr(redispatch, "transaction", nullcontext)
    monkeypatch.setattr(leases, "lock_of_job", lambda tx, job_id: FREE)
    monkeypatch.setattr(jobs, "get", lambda tx, job_id: waiting)
    monkeypatch.setattr(outbox, "redispatch", lambda tx, job, **changes: done.append((job, changes)))
    assert redispatch.redispatch(TX, waiting.id, **words) == refusal
    assert done == ([] if changes is None else [(waiting, changes)])


def test_an_unknown_job_is_not_dispatched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redispatch, "transaction", nullcontext)
    monkeypatch.setattr(leases, "lock_of_job", lambda tx, job_id: None)
    assert redispatch.redispatch(TX, JOB.id) == "UNKNOWN_JOB"
