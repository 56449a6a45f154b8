"""What a grant of a lease writes, and who is refused before it."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.errors import Refused
from ocpctl_common.lifecycle.states import JobStatus, JobType
from ocpctl_common.store import attempts, clusters, jobs, leases, runners
from ocpctl_common.store.rows import Attempt, Lease
from ocpctl_scheduler import concurrency, lease_acquire
from ocpctl_scheduler.lease_acquire import LeaseRequester, NotGranted

from tests.unit.scheduler.scheduled import ATTEMPT, CLUSTER, FREE, JOB, LEASE, RULES, TX

WAITING = replace(JOB, status=JobStatus.PENDING, attempt=4)
ASKS = LeaseRequester(runner="runner-2", token="t2", instance_id="i", account_id="123456789012")
GRANTED: Any = "granted"
Done = list[tuple[str, Any]]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Done:
    """What a grant writes, in its order."""
    steps: Done = []

    def insert(tx: Any, new: attempts.NewAttempt) -> Attempt:
        steps.append(("insert", new))
        return ATTEMPT

    monkeypatch.setattr(attempts, "insert", insert)
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: CLUSTER)
    monkeypatch.setattr(leases, "take", lambda tx, lease, **words: steps.append(("take", (lease, words))))
    monkeypatch.setattr(lease_acquire, "_older", lambda tx, cluster_id, run: [ATTEMPT] * 2)
    monkeypatch.setattr(lease_acquire, "_granted", lambda tx, cluster, job, attempt, older: "granted")
    monkeypatch.setattr(lease_acquire, "move_job", lambda tx, job, event, **words: steps.append((event, words)))
    monkeypatch.setattr(
        lease_acquire,
        "audit_step",
        lambda tx, job, attempt_id, action, *, fence, actor, reason: steps.append((action, (fence, actor, reason))),
    )
    monkeypatch.setattr(jobs, "set_status", lambda tx, job, to, changes: steps.append((to, changes)))
    monkeypatch.setattr(concurrency, "is_full", lambda tx, rules, pool: False)
    return steps


@pytest.mark.parametrize("fence", [0, 3, 41])
def test_the_fence_grows_by_one_at_each_grant(fence: int, done: Done) -> None:
    lease = replace(FREE, fence=fence)
    assert lease_acquire._grant(TX, lease, WAITING, RULES, ASKS) == GRANTED
    steps = dict(done)
    new = steps["insert"]
    assert list(steps) == ["insert", "take", "ACQUIRED", "ATTEMPT_STARTED"]
    assert (new.fence, new.number, new.runner, new.account_id) == (fence + 1, 5, "runner-2", "123456789012")
    words = {"job_id": WAITING.id, "attempt_id": new.id, "runner": "runner-2", "token": "t2", "seconds": 300}
    assert steps["take"] == (lease, words)
    assert steps["ATTEMPT_STARTED"] == (fence + 1, "runner-2", "INSTALL")
    assert (steps["ACQUIRED"]["started"], steps["ACQUIRED"]["attempt"]) == (True, 3 + 2)


# Kind of the job, the account that the runner told: whose pool is asked, and the account of the attempt.
COUNTED = {
    ("CREATE", "1"): ("1/us-east-1/creates", "1"),
    ("DESTROY", "1"): ("1/us-east-1/destroys", "1"),
    ("SCALE_WORKERS", "1"): (None, None),
    ("CREATE", ""): (None, None),
}


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("row", COUNTED)
def test_who_waits_for_a_place(row: tuple[str, str], full: bool, done: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full pool gives no lease: the job waits for it, and a minute at most if it is not dispatched before."""
    key, account = COUNTED[row]
    monkeypatch.setattr(concurrency, "is_full", lambda tx, rules, pool: full and pool.key == key)
    job, asks = replace(WAITING, job_type=JobType(row[0])), replace(ASKS, account_id=row[1])
    granted = lease_acquire._grant(TX, FREE, job, RULES, asks)
    if full and key:
        assert granted == NotGranted(reason="CONCURRENCY_LIMIT", later=True)
        assert done == [("PENDING", {"waits_for": key, "pause_seconds": 60})]
    else:
        assert granted == GRANTED
        assert dict(done)["insert"].account_id == account


UNKNOWN, NOT_DUE = NotGranted(reason="UNKNOWN_JOB"), NotGranted(reason="NOT_DUE", later=True)


@pytest.mark.parametrize(
    ("instance", "others", "lease", "due", "expected"),
    [
        ("i", True, FREE, True, "RUNNER_ID_IN_USE"),
        ("i", True, None, True, "RUNNER_ID_IN_USE"),
        ("i", False, FREE, True, "granted"),
        ("", True, FREE, True, "granted"),
        ("i", False, None, True, UNKNOWN),
        ("i", False, LEASE, True, "held"),
        ("i", False, LEASE, False, "held"),
        ("i", False, FREE, False, NOT_DUE),
    ],
)
def test_who_gets_a_lease(
    instance: str, others: bool, lease: Lease | None, due: bool, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_acquire, "transaction", nullcontext)
    monkeypatch.setattr(runners, "is_others", lambda tx, runner, instance_id: others)
    monkeypatch.setattr(leases, "lock_of_job", lambda tx, job_id: lease)
    monkeypatch.setattr(jobs, "get", lambda tx, job_id: replace(WAITING, due=due))
    monkeypatch.setattr(lease_acquire, "_held", lambda *words: "held")
    monkeypatch.setattr(lease_acquire, "_grant", lambda *words: "granted")
    told: object
    try:
        told = lease_acquire.acquire(TX, RULES, WAITING.id, replace(ASKS, instance_id=instance))
    except Refused as refused:
        told = refused.reason
    assert told == expected
