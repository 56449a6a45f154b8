"""The queue's verbs: one suite for the model and for the local endpoint, and for the model alone what that one lacks.

The endpoint forgets a deduplication id when its message is deleted, takes stale handles, and keeps real time; the
model follows AWS's documentation, so the simulation (tests/simulation) stands on it.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from ocpctl_common.cloud.queue import JobQueue, Message
from ocpctl_common.errors import StaleState
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.messages import JobDispatch
from ocpctl_common.store.outbox import JOBS, Destination, Envelope
from ocpctl_janitor.dead_letters import DeadLetters
from ocpctl_local.moto import aws
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn

from tests.conftest import Database
from tests.integration.fifo import FifoModel
from tests.integration.protocol import Protocol

CLAIM = 2


@dataclass
class Time:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def envelope(number: int, group: str, dedup_id: str, body: str) -> Envelope:
    """What a relay hands to a queue."""
    return Envelope(
        id=number,
        destination=Destination(name=JOBS, pool=Pool.CREATES),
        group_id=group,
        dedup_id=dedup_id,
        message=JobDispatch(job_id=JobId(f"m{number}")),
        body=body,
        attributes={},
    )


@dataclass
class Bench:
    """A queue with its dead letters and the way to let time pass."""

    queue: FifoModel | JobQueue
    dead: FifoModel | JobQueue
    sleep: Callable[[float], None]
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def send(self, group: str, word: str = "") -> int:
        """Sends a message with an id of its own, or with the deduplication id `word`."""
        number = next(self.numbers)
        message = envelope(number, group, word or f"m{number}", json.dumps({"jobId": f"m{number}"}))
        assert list(self.queue.send_batch([message])) == [number]
        return number

    def receive(self) -> Message | None:
        """What comes now."""
        return self.queue.receive(0, claim_seconds=CLAIM)

    def job(self) -> str | None:
        """The job of what comes now."""
        message = self.receive()
        return message.job_id if message else None


def model_bench() -> Bench:
    clock = Time()
    dead = FifoModel(clock)
    return Bench(FifoModel(clock, dead_letters=dead), dead, clock.sleep)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder: Path = tmp_path_factory.mktemp("endpoint")
    [port] = free_ports(1)
    process = spawn(
        aws.command(port, folder / "faults.json"), env={"PATH": "/usr/bin:/bin", **aws.env(port)}, log=folder / "log"
    )
    aws.wait(port)
    yield aws.env(port)
    process.kill()
    process.wait()


@pytest.fixture(params=["model", "endpoint"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return model_bench() if request.param == "model" else endpoint_bench(request.getfixturevalue("endpoint"), request)


def endpoint_bench(variables: dict[str, str], request: pytest.FixtureRequest) -> Bench:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name=aws.REGION)
    sqs: Any = session.client("sqs", endpoint_url=variables["AWS_ENDPOINT_URL"])
    name = f"q{abs(hash(request.node.name)) % 10**9}"
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    dead = sqs.create_queue(QueueName=f"{name}-dead.fifo", Attributes=fifo)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    url = sqs.create_queue(QueueName=f"{name}.fifo", Attributes={**fifo, "RedrivePolicy": policy})["QueueUrl"]
    request.getfixturevalue("monkeypatch").setenv("AWS_ENDPOINT_URL", variables["AWS_ENDPOINT_URL"])
    return Bench(JobQueue(session, url), JobQueue(session, dead), time.sleep)


def test_order_within_a_group(bench: Bench) -> None:
    first, second = bench.send("a"), bench.send("a")
    message = bench.receive()
    assert message is not None
    assert message.job_id == f"m{first}"
    bench.queue.delete(message)
    assert bench.job() == f"m{second}"


def test_a_message_in_flight_blocks_its_group_and_no_other(bench: Bench) -> None:
    bench.send("a")
    bench.send("a")
    other = bench.send("b")
    assert bench.receive() is not None
    assert bench.job() == f"m{other}"
    assert bench.job() is None


def test_a_claim_that_ends_frees_the_message_and_its_group(bench: Bench) -> None:
    number = bench.send("a")
    assert bench.receive() is not None
    assert bench.job() is None
    bench.sleep(CLAIM + 0.1)
    message = bench.receive()
    assert message is not None
    assert (message.job_id, message.receives) == (f"m{number}", 2)


def test_what_is_given_back_comes_again_when_it_was_said(bench: Bench) -> None:
    number = bench.send("a")
    message = bench.receive()
    assert message is not None
    bench.queue.give_back(message, after_seconds=0)
    assert bench.job() == f"m{number}"


def test_the_same_deduplication_id_is_accepted_and_not_kept(bench: Bench) -> None:
    bench.send("a", "same")
    bench.send("a", "same")
    message = bench.receive()
    assert message is not None
    bench.queue.delete(message)
    assert bench.job() is None


def test_after_three_receives_a_message_is_a_dead_letter(bench: Bench) -> None:
    number = bench.send("a")
    following = bench.send("a")
    for _ in range(3):
        message = bench.receive()
        assert message is not None
        bench.queue.give_back(message, after_seconds=0)
    assert bench.job() == f"m{following}"  # the poison blocked only until it was gone
    dead = bench.dead.receive(0, claim_seconds=CLAIM)
    assert dead is not None
    assert dead.job_id == f"m{number}"


@pytest.mark.parametrize("verb", ["delete", "give_back"])
def test_a_handle_that_is_not_ours_is_refused_with_our_own_error(bench: Bench, verb: str) -> None:
    bench.send("a")
    message = bench.receive()
    assert message is not None
    stranger = replace(message, handle="a-handle-of-nobody")
    with pytest.raises(StaleState, match="the claim on a message"):
        bench.queue.delete(stranger) if verb == "delete" else bench.queue.give_back(stranger, after_seconds=0)


def test_the_deduplication_outlives_the_delete() -> None:
    bench = model_bench()
    bench.send("a", "same")
    message = bench.receive()
    assert message is not None
    bench.queue.delete(message)
    bench.sleep(299)
    bench.send("a", "same")
    assert bench.job() is None
    bench.sleep(2)
    number = bench.send("a", "same")
    assert bench.job() == f"m{number}"


def test_a_stale_handle_changes_nothing() -> None:
    bench = model_bench()
    bench.send("a")
    old = bench.receive()
    assert old is not None
    bench.sleep(CLAIM)
    new = bench.receive()
    assert new is not None
    with pytest.raises(StaleState):
        bench.queue.delete(old)
    with pytest.raises(StaleState):
        bench.queue.give_back(old, after_seconds=0)
    assert bench.receive() is None
    bench.sleep(CLAIM)
    assert bench.receive() is not None


def test_dead_letters_are_redispatched_and_poison_stays(database: Database) -> None:
    protocol, clock = Protocol(database), Time()
    job_id = protocol.create().job_id
    while protocol.relay.run_once().claimed:
        pass
    dead = FifoModel(clock)
    letters = [(1, json.dumps({"jobId": job_id})), (2, "no dispatch"), (3, '{"jobId": "job_unknown"}')]
    dead.send_batch([envelope(number, str(number), str(number), body) for number, body in letters])
    report = DeadLetters(dead, protocol.sweeps).run_once()  # type: ignore[arg-type]
    assert (report.found, report.applied, report.failed) == (3, 1, 1)
    assert dead.waiting() == 1
    protocol.relay.run_once()
    assert protocol.queue.sent[-1].dedup_id == f"job:{job_id}:2"


def test_a_purge_loses_nothing(database: Database) -> None:
    """The queue forgets all; the janitor redispatches; the dispatch has a new deduplication id, so it gets through."""
    protocol, clock = Protocol(database), Time()
    queue = FifoModel(clock)
    created = protocol.create()
    protocol.queue.sent.clear()
    protocol.relay.run_once()
    queue.send_batch(protocol.queue.sent)
    queue.purge()
    assert queue.receive(0, claim_seconds=1) is None
    protocol.redispatch(created.job_id)
    protocol.relay.run_once()
    queue.send_batch(protocol.queue.sent)
    message = queue.receive(0, claim_seconds=1)
    assert message is not None
    assert message.job_id == created.job_id
