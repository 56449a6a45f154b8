"""What each repair of a state without an owner does, and what it leaves alone."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.states import ClusterStatus, JobType
from ocpctl_common.lifecycle.transitions import ClusterEvent
from ocpctl_common.store import attempts, clusters, history, jobs, leases, outbox
from ocpctl_common.store.queries import invariants
from ocpctl_common.store.queries.invariants import Breach
from ocpctl_common.store.rows import Job, Lease
from ocpctl_scheduler import reconcile
from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.reconcile import ORPHANED, _Repair

from tests.unit.scheduler.scheduled import ATTEMPT, CLUSTER, FREE, JOB, LEASE, RULES, TX

Done = list[object]


def repair(lease: Lease = FREE) -> _Repair:
    return _Repair(tx=TX, rules=RULES, lease=lease)


# What each repair of the breaches A, B, C returns: what is returned, which were tried, which was audited.
RESTORED = {
    (): ("NOTHING_WRONG", "", ""),
    ("",): ("", "A", "A"),
    ("BUSY",): ("BUSY", "A", ""),
    ("", "BUSY"): ("", "A", "A"),
    ("", ""): ("", "A", "A"),
    ("BUSY", "", ""): ("", "AB", "B"),
    ("BUSY", "NOT_DEAD", "NO_JOB"): ("NO_JOB", "ABC", ""),
}


@pytest.mark.parametrize("refusals", RESTORED)
def test_the_first_repair_that_is_possible_is_made_and_audited(
    refusals: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, tried, audited = RESTORED[refusals]
    did, written = list[str](), list[tuple[str, str, str]]()
    names = "ABC"[: len(refusals)]

    def row(name: str, refusal: str) -> Any:
        def one(repair: _Repair) -> str:
            did.append(name)
            return refusal

        return one

    monkeypatch.setattr(reconcile, "transaction", nullcontext)
    monkeypatch.setattr(reconcile, "REPAIRS", {name: row(name, refusals[at]) for at, name in enumerate(names)})
    monkeypatch.setattr(leases, "lock", lambda tx, cluster_id: FREE)
    found = [Breach(invariant=name, cluster_id=CLUSTER.id, found="it") for name in names]
    monkeypatch.setattr(invariants, "breaches_of", lambda tx, cluster_id: found)
    monkeypatch.setattr(history, "audit", lambda tx, event: written.append((event.actor, event.action, event.reason)))
    assert reconcile.restore(TX, RULES, CLUSTER.id) == expected
    assert "".join(did) == tried
    assert written == ([(JANITOR, "OWNER_RESTORED", f"{audited}: it")] if audited else [])


# Status of the cluster: the event, and what it writes when something needs cleanup and when nothing does.
REASON: dict[str, Any] = {"status_reason": ORPHANED}
LEFT, CLEAN = {"resources_remaining": True, "release_name": False}, {"resources_remaining": False, "release_name": True}
GIVEN_UP = {
    "PENDING": ("INSTALL_GIVEN_UP", LEFT, CLEAN),
    "CREATING": ("INSTALL_GIVEN_UP", LEFT, CLEAN),
    "SCALING": ("SCALE_GIVEN_UP", {}, {}),
}


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Done:
    """The events of clusters, each with the id of its job and what it writes."""
    done: Done = []
    monkeypatch.setattr(
        reconcile,
        "move_cluster",
        lambda tx, cluster, event, *, job, actor, lease, **changes: done.append((event, job.id, actor, changes)),
    )
    return done


@pytest.mark.parametrize("needing_cleanup", [0, 1, 2])
@pytest.mark.parametrize("status", GIVEN_UP)
def test_work_without_a_job_has_failed(
    status: str, needing_cleanup: int, moved: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, left, clean = GIVEN_UP[status]
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: replace(CLUSTER, status=ClusterStatus(status)))
    monkeypatch.setattr(jobs, "last", lambda tx, cluster_id: JOB)
    monkeypatch.setattr(attempts, "needing_cleanup", lambda tx, cluster_id: [ATTEMPT] * needing_cleanup)
    assert reconcile._give_up(repair()) == ""
    assert moved == [(event, JOB.id, JANITOR, REASON | (left if needing_cleanup else clean))]


@pytest.mark.parametrize(
    ("last", "lease", "refusal"), [(None, FREE, "NO_JOB"), (None, LEASE, "NO_JOB"), (JOB, LEASE, "LEASE_HELD")]
)
def test_work_that_somebody_may_do_is_not_given_up(
    last: Job | None, lease: Lease, refusal: str, moved: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: replace(CLUSTER, status=ClusterStatus.CREATING))
    monkeypatch.setattr(jobs, "last", lambda tx, cluster_id: last)
    monkeypatch.setattr(attempts, "needing_cleanup", lambda tx, cluster_id: [])
    assert reconcile._give_up(repair(lease)) == refusal
    assert moved == []


@pytest.mark.parametrize(
    ("kinds", "status", "refusal"),
    [
        ([], "DESTROYED", ""),
        (["CREATE"], "FAILED", ""),
        (["ORPHAN_SWEEP"], "DESTROYED", ""),
        (["DESTROY"], "DESTROYED", "BUSY"),
        (["JANITOR_DESTROY"], "FAILED", "BUSY"),
        (["CREATE", "DESTROY"], "FAILED", "BUSY"),
    ],
)
def test_what_is_not_gone_is_destroyed_unless_a_job_does(
    kinds: Sequence[str], status: str, refusal: str, moved: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, str]] = []

    def open_job(tx: Any, new: jobs.NewJob) -> Job:
        opened.append((new.job_type, new.requested_by))
        return replace(JOB, id=JobId("job_new"))

    found = [replace(JOB, job_type=JobType(kind)) for kind in kinds]
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: replace(CLUSTER, status=ClusterStatus(status)))
    monkeypatch.setattr(jobs, "open_jobs", lambda tx, cluster_id: found)
    monkeypatch.setattr(outbox, "open_job", open_job)
    assert reconcile._reopen(repair()) == refusal
    assert opened == ([] if refusal else [("JANITOR_DESTROY", JANITOR)])
    assert moved == ([] if refusal else [(ClusterEvent.REMAINS_FOUND, "job_new", JANITOR, {})])
