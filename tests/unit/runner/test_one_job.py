"""A runner for one job takes one and no more, passes over a job that cannot run now, and says why it ends."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_installer_runner.dispatch_consumer import DispatchConsumer
from ocpctl_installer_runner.fitness import Fault
from ocpctl_installer_runner.lease_grants import Grant, Verdict
from ocpctl_installer_runner.lease_messages import LeaseRequest
from ocpctl_installer_runner.one_job import OneJob
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots
from structlog.testing import capture_logs

from tests.integration.fifo import FifoModel
from tests.unit.granted import grant
from tests.unit.runner.test_dispatch_consumer import Dispatch, Requester
from tests.unit.runner.test_dispatch_consumer import settings as one_pool

UNFIT = Fault("PullSecret", "The pull secret is empty.")
PATIENCE = 30


@dataclass
class Scheduler:
    """Grants all but the jobs in `later`; remembers who was asked for."""

    later: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def acquire(self, request: LeaseRequest) -> Verdict:
        self.asked.append(request.job_id)
        if request.job_id in self.later:
            return Verdict(word="LATER", reason="CONCURRENCY_LIMIT")
        return Verdict(word="GRANTED", grant=grant(attempt_id=request.job_id))


@dataclass
class Fit:
    """A fitness that a test sets."""

    faults: tuple[Fault, ...] = ()


@dataclass
class FakeRunner:
    """What OneJob uses of a runner, with real slots and real consumers."""

    settings: RunnerSettings
    slots: Slots
    consumers: list[DispatchConsumer]
    fitness: Fit = field(default_factory=Fit)

    def begin(self) -> None:
        for consumer in self.consumers:
            consumer.start()

    def is_fit(self) -> bool:
        return not self.fitness.faults

    def join(self) -> None:
        for consumer in self.consumers:
            consumer.join()
        self.slots.join()

    def stop(self, grace_seconds: float) -> None:
        self.slots.close()
        self.join()


class Queue(FifoModel):
    """Answers an empty poll soon."""

    def receive(self, wait_seconds: int, *, claim_seconds: int) -> Any:
        time.sleep(0.01)
        return super().receive(wait_seconds, claim_seconds=claim_seconds)


def queue(*jobs: str) -> Queue:
    """With a message for each job."""
    made = Queue(time.monotonic)
    made.send_batch([Dispatch(n, job, job, json.dumps({"jobId": job})) for n, job in enumerate(jobs)])
    return made


@contextmanager
def one_job(
    folder: Path,
    queue: Queue,
    scheduler: Scheduler,
    work: Callable[[Grant, float], None],
    *,
    wait_seconds: float = PATIENCE,
    requester: Requester | None = None,
) -> Iterator[tuple[FakeRunner, OneJob, threading.Event]]:
    """A runner that has begun, stopped at the end as its process would stop it."""
    settings = one_pool(folder).model_copy(update={"once_wait_seconds": wait_seconds}).for_one_job()
    slots = Slots(work, slots=settings.slots, reserved=settings.reserved, once=True)
    consumer = DispatchConsumer(Pool.CREATES, queue, scheduler, requester or Requester(), slots, settings)  # type: ignore[arg-type]
    runner, ended = FakeRunner(settings, slots, [consumer]), threading.Event()
    job = OneJob(runner, ended)  # type: ignore[arg-type]
    job.begin()
    try:
        yield runner, job, ended
    finally:
        job.stop(0)


def test_one_job_is_taken_and_the_next_message_stays_for_others(tmp_path: Path) -> None:
    done: list[str] = []
    messages, scheduler = queue("a", "b"), Scheduler()
    with one_job(tmp_path, messages, scheduler, lambda granted, _: done.append(granted.attempt_id)) as (_, job, ended):
        assert ended.wait(PATIENCE)
    assert (done, scheduler.asked, job.exit_code) == (["a"], ["a"], 0)
    left = messages.receive(1, claim_seconds=60)
    assert left is not None
    assert left.job_id == "b"


def test_it_ends_when_its_run_has_ended_and_not_before(tmp_path: Path) -> None:
    go, begun = threading.Event(), threading.Event()

    def work(granted: Grant, requested_at: float) -> None:
        begun.set()
        go.wait(PATIENCE)

    with one_job(tmp_path, queue("a"), Scheduler(), work, wait_seconds=0.2) as (runner, _, ended):
        assert begun.wait(PATIENCE)
        assert runner.slots.closed.wait(PATIENCE)
        assert not ended.wait(0.5), "the time to wait for a job is over, its run is not"
        go.set()
        assert ended.wait(PATIENCE)


def test_a_job_that_cannot_run_now_is_answered_once_and_the_next_one_is_taken(tmp_path: Path) -> None:
    done: list[str] = []
    messages, scheduler = queue("full-1", "full-2", "a"), Scheduler(later=frozenset({"full-1", "full-2"}))
    with one_job(tmp_path, messages, scheduler, lambda granted, _: done.append(granted.attempt_id)) as (_, _, ended):
        assert ended.wait(PATIENCE)
    assert (done, scheduler.asked) == (["a"], ["full-1", "full-2", "a"])
    assert messages.receive(1, claim_seconds=60) is None, "the verdicts are durable: no message is held or comes again"


def test_without_a_job_it_says_so_and_ends_well(tmp_path: Path) -> None:
    with (
        capture_logs() as logs,
        one_job(tmp_path, queue(), Scheduler(), lambda *_: None, wait_seconds=0.1) as (_, job, ended),
    ):
        assert ended.wait(PATIENCE)
    assert job.exit_code == 0
    assert [log for log in logs if log["event"] == "no job to take: this runner ends"] == [
        {"event": "no job to take: this runner ends", "log_level": "info", "waited_seconds": 0.1}
    ]


def test_an_unfit_one_takes_no_job_and_ends_with_an_error_that_says_why(tmp_path: Path) -> None:
    messages, scheduler = queue("a"), Scheduler()
    unfit = one_job(
        tmp_path, messages, scheduler, lambda *_: None, wait_seconds=0.2, requester=Requester(accepted=False)
    )
    with capture_logs() as logs, unfit as (runner, job, ended):
        runner.fitness.faults = (UNFIT,)
        assert not ended.wait(0.05), "it waits: whoever starts runners would only start the next one"
        assert ended.wait(PATIENCE)
    assert (job.exit_code, scheduler.asked) == (1, [])
    assert {(log.get("fault"), log.get("sentence")) for log in logs if log["log_level"] == "error"} == {
        (UNFIT.name, UNFIT.sentence)
    }
    assert messages.receive(1, claim_seconds=60) is not None


def test_a_run_that_met_a_fault_of_the_runner_ends_it_with_an_error(tmp_path: Path) -> None:
    with one_job(tmp_path, queue("a"), Scheduler(), lambda *_: None) as (runner, job, ended):
        runner.fitness.faults = (UNFIT,)
        assert ended.wait(PATIENCE)
    assert job.exit_code == 1


def test_told_to_stop_before_it_has_a_job_it_ends_at_once(tmp_path: Path) -> None:
    with one_job(tmp_path, queue(), Scheduler(), lambda *_: None) as (_, job, ended):
        job.stop(0)
        assert ended.wait(PATIENCE)
        assert job.exit_code == 0


@pytest.mark.parametrize("pools", [frozenset({Pool.CREATES}), frozenset(Pool)])
def test_its_one_slot_is_for_every_pool(tmp_path: Path, pools: frozenset[Pool]) -> None:
    settings = one_pool(tmp_path).model_copy(update={"slots": 4, "pools": pools}).for_one_job()
    slots = Slots(lambda *_: None, slots=settings.slots, reserved=settings.reserved, once=True)
    for pool in pools:
        assert slots.take(pool)
        slots.give_back(pool)
    slots.close()
