"""When the number of workers may be changed, and what is opened."""

from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import ClusterStatus, JobType
from ocpctl_common.profiles.workers import WorkerLimits
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store import clusters, leases, outbox
from ocpctl_common.store.jobs import NewJob
from ocpctl_common.store.rows import Job
from ocpctl_scheduler import scaling
from ocpctl_scheduler.scaling import ScaleCommand

from tests.unit.scheduler.scheduled import CLUSTER, FREE, JOB, TX, told

REQUEST = RequestKey(principal="x", rpc="r", key="k", request_hash=b"")
LIMITS = WorkerLimits(profile="p", minimum=2, maximum=4)


def command(workers: int) -> ScaleCommand:
    return ScaleCommand(
        cluster_id=CLUSTER.id,
        worker_replicas=workers,
        limits=LIMITS,
        hourly_cost_micros=7,
        correlation_id="cor_2",
        traceparent="t",
    )


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The new jobs, and the events of the cluster."""
    done: list[Any] = []

    def open_job(tx: Any, new: NewJob) -> Job:
        done.append(new)
        return JOB

    monkeypatch.setattr(outbox, "open_job", open_job)
    monkeypatch.setattr(leases, "lock", lambda tx, cluster_id: FREE)
    monkeypatch.setattr(
        scaling, "move_cluster", lambda tx, cluster, event, *, job, actor, lease: done.append((event, job.id, actor))
    )
    return done


@pytest.mark.parametrize("workers", [1, 2, 4, 5])
@pytest.mark.parametrize("status", ClusterStatus)
def test_only_a_ready_cluster_is_scaled_and_only_within_its_limits(
    status: ClusterStatus, workers: int, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: replace(CLUSTER, status=status))
    within = "" if workers in {2, 4} else "WORKERS_OUT_OF_RANGE"
    refusal = within if status == "READY" else "WRONG_STATE"
    assert told(scaling._scale, TX, REQUEST, command(workers)) == refusal
    assert bool(opened) is (refusal == "")


def test_what_a_scaling_opens(opened: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "get", lambda tx, cluster_id: CLUSTER)
    answer = scaling._scale(TX, REQUEST, command(3))
    new = NewJob(
        id=answer.job_id,
        cluster_id=CLUSTER.id,
        job_type=JobType.SCALE_WORKERS,
        requested_by="x",
        correlation_id="cor_2",
        traceparent="t",
        worker_replicas=3,
        hourly_cost_micros=7,
    )
    assert answer == Accepted(cluster_id=CLUSTER.id, job_id=new.id, status="SCALING")
    assert opened == [new, ("SCALE_REQUESTED", JOB.id, "x")]
