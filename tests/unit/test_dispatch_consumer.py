"""The dispatch consumer goes on, whatever a message brings: otherwise a runner would look alive and do nothing."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ocpctl_common.cloud.queue import Message
from ocpctl_common.errors import StaleState
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_installer_runner.dispatch_consumer import DispatchConsumer
from ocpctl_installer_runner.grants import Grant, Verdict
from ocpctl_installer_runner.lease_messages import LeaseRequest
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots

from tests.integration.fifo import FifoModel
from tests.unit.granted import grant


@dataclass
class Dispatch:
    """What is sent."""

    id: int
    group_id: str
    dedup_id: str
    body: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Requester:
    """A runner whose id is its own."""

    instance_id: str = "i"
    accepted: bool = True
    claim_seconds: int = 60

    def accepts(self, pool: Pool) -> bool:
        return self.accepted

    def account_id(self) -> str:
        return "123456789012"


class Port:
    """A scheduler that grants everything."""

    def acquire(self, request: LeaseRequest) -> Verdict:
        return Verdict(word="GRANTED", grant=grant(attempt_id=request.job_id))


class Unlucky(FifoModel):
    """The first use of one verb fails."""

    def fail_once(self, verb: str, error: Exception) -> "Unlucky":
        well: Callable[..., Any] = getattr(self, verb)

        def unlucky(*arguments: object, **named: object) -> object:
            setattr(self, verb, well)
            raise error

        setattr(self, verb, unlucky)
        return self

    def receive(self, wait_seconds: int, *, claim_seconds: int) -> Message | None:
        time.sleep(0.01)
        return super().receive(wait_seconds, claim_seconds=claim_seconds)


def settings(folder: Path) -> RunnerSettings:
    """A runner with one slot that loses no time."""
    return RunnerSettings(
        runner_id="r",
        slots=1,
        scheduler_target="-",
        tls_dir=folder,
        queue_url="-",
        pools=frozenset({Pool.CREATES}),
        profiles_dir=folder,
        bucket="-",
        pull_secret_arn="-",
        installers_dir=folder,
        work_dir=folder,
        unreachable_pause_seconds=0.01,
        poll_seconds=1,
    )


@pytest.mark.parametrize("verb", ["receive", "delete"])
@pytest.mark.parametrize(
    "error", [StaleState("the claim on a message", expected="ours", found="run out"), ValueError("a defect")]
)
def test_the_next_message_is_handled_whatever_the_last_one_brought(tmp_path: Path, verb: str, error: Exception) -> None:
    queue = Unlucky(time.monotonic).fail_once(verb, error)
    queue.send_batch(
        [Dispatch(number, str(number), str(number), json.dumps({"jobId": str(number)})) for number in (1, 2)]
    )
    done: list[str] = []
    both = threading.Event()

    def work(granted: Grant, requested_at: float) -> None:
        done.append(granted.attempt_id)
        if len(done) == 2:
            both.set()

    slots = Slots(work, slots=1, reserved={Pool.CREATES: 1})
    consumer = DispatchConsumer(Pool.CREATES, queue, Port(), Requester(), slots, settings(tmp_path))  # type: ignore[arg-type]
    consumer.start()
    try:
        assert both.wait(10)
    finally:
        slots.close()
        consumer.join()
        slots.join()
    assert sorted(done) == ["1", "2"]
