"""What a request to destroy opens, hurries, cancels and refuses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.errors import WrongState
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus, JobType
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store import clusters, history, jobs, leases, outbox
from ocpctl_common.store.rows import Job
from ocpctl_scheduler import destroying
from ocpctl_scheduler.destroying import DestroyCommand

from tests.unit.scheduler.scheduled import CLUSTER, FREE, JOB, MAY, TX, told

NEW = replace(JOB, id=JobId("job_new"), job_type=JobType.DESTROY, status=JobStatus.PENDING)
BEGUN = ["open JANITOR_DESTROY of x", "move DESTROY_REQUESTED for job_new by x"]
HURRIED = ["redispatch job_1 {'pause_seconds': 0.0}", "audit DESTROY_HURRIED of job_1 by x in cor_2"]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done, in its order."""
    steps: list[str] = []

    def open_job(tx: Any, new: jobs.NewJob) -> Job:
        steps.append(f"open {new.job_type} of {new.requested_by}")
        return NEW

    def move(tx: Any, cluster: Any, event: str, *, job: Job, actor: str, lease: Any) -> None:
        steps.append(f"move {event} for {job.id} by {actor}")

    def audit(tx: Any, event: history.AuditEvent) -> None:
        steps.append(f"audit {event.action} of {event.job_id} by {event.actor} in {event.correlation_id}")

    monkeypatch.setattr(outbox, "open_job", open_job)
    monkeypatch.setattr(outbox, "redispatch", lambda tx, job, **what: steps.append(f"redispatch {job.id} {what}"))
    monkeypatch.setattr(destroying, "move_cluster", move)
    monkeypatch.setattr(destroying, "cancel", lambda tx, job: steps.append(f"cancel {job.id}"))
    monkeypatch.setattr(history, "audit", audit)
    return steps


def requested(status: str, open_jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of the job that a request meets or opens, or the reason of a refusal."""
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: replace(CLUSTER, status=ClusterStatus(status)))
    monkeypatch.setattr(jobs, "open_jobs", lambda tx, cluster_id: open_jobs)
    words = {"job_type": JobType.JANITOR_DESTROY, "actor": "x", "correlation_id": "cor_2", "traceparent": ""}
    try:
        return destroying.request_destroy(TX, FREE, **words).id  # type: ignore[arg-type]
    except WrongState as refused:
        return refused.reason


@pytest.mark.parametrize(
    ("cluster", "kind", "status", "due", "steps"),
    [
        ("DESTROYING", "DESTROY", "RETRYING", False, HURRIED),
        ("DESTROYING", "JANITOR_DESTROY", "RETRYING", False, HURRIED),
        ("DESTROYING", "ORPHAN_SWEEP", "RETRYING", False, HURRIED),
        ("DESTROYING", "DESTROY", "RETRYING", True, []),
        ("DESTROYING", "DESTROY", "PENDING", True, []),
        ("DESTROYING", "DESTROY", "PENDING", False, []),
        ("DESTROYING", "DESTROY", "RUNNING", False, []),
        ("DESTROYING", "DESTROY", "RUNNING", True, []),
        ("DESTROYED", "DESTROY", "RUNNING", True, []),
    ],
)
def test_a_destroy_that_pauses_is_hurried_and_no_other(
    cluster: str, kind: str, status: str, due: bool, steps: list[str], done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = replace(JOB, job_type=JobType(kind), status=JobStatus(status), due=due)
    assert requested(cluster, [running], monkeypatch) == "job_1"
    assert done == steps


@pytest.mark.parametrize("kinds", [[], ["ORPHAN_SWEEP"]])
def test_a_destroyed_cluster_is_not_destroyed_again(
    kinds: list[str], done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [replace(JOB, job_type=JobType(kind)) for kind in kinds]
    assert requested("DESTROYED", others, monkeypatch) == "DESTROYED"
    assert done == []


@pytest.mark.parametrize("kinds", [[], ["CREATE"], ["SCALE_WORKERS", "CREATE"]])
@pytest.mark.parametrize("status", [status for status in ClusterStatus if status is not ClusterStatus.DESTROYED])
def test_a_destroy_cancels_the_other_jobs_and_begins(
    status: str, kinds: list[str], done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [replace(JOB, id=JobId(kind), job_type=JobType(kind)) for kind in kinds]
    assert requested(status, others, monkeypatch) == "job_new"
    assert done == [*(f"cancel {kind}" for kind in kinds), *BEGUN]


# What a person asks for: where in MAY it stands whether it is accepted, the refusal, and what is audited.
ASKED: dict[str, tuple[Callable[..., Accepted], int | None, str, str]] = {
    "destroy": (destroying.accept_destroy, None, "", ""),
    "cancel": (destroying.accept_cancel, 1, "NOT_CREATING", "CREATE_CANCELLED"),
    "retry": (destroying.accept_retry, 3, "NOTHING_TO_RETRY", "DESTROY_RETRIED"),
}


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("status", ClusterStatus)
def test_what_a_person_may_ask_for(
    status: ClusterStatus, asked: str, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, place, refusal, action = ASKED[asked]
    accepted = place is None or MAY[status][place]
    command = DestroyCommand(cluster_id=CLUSTER.id, correlation_id="cor_2", traceparent="")
    opened: list[Any] = []

    def request_destroy(tx: Any, lease: Any, **words: Any) -> Job:
        opened.append(words)
        return NEW

    monkeypatch.setattr(destroying, "once", lambda engine, request, effect, again: effect(TX))
    monkeypatch.setattr(destroying, "request_destroy", request_destroy)
    monkeypatch.setattr(leases, "lock", lambda tx, cluster_id: FREE)
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: replace(CLUSTER, status=status))
    monkeypatch.setattr(jobs, "create_cancelled", lambda tx, cluster_id: False)
    request = RequestKey(principal="x", rpc="r", key="k", request_hash=b"")
    assert told(accept, TX, request, command) == ("" if accepted else refusal)
    words = {"job_type": JobType.DESTROY, "actor": "x", "correlation_id": "cor_2", "traceparent": ""}
    assert opened == ([words] if accepted else [])
    assert done == ([f"audit {action} of job_new by x in cor_2"] if accepted and action else [])
