"""Listens for doorbells while a slot is free, and fills the slots.

The message is only a doorbell: it is deleted as soon as the scheduler has given a durable verdict. One waiting
receive a process, whatever the number of slots.
"""

import math
import random
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.cloud.queue import JobQueue, Message
from ocpctl_common.errors import OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.rpc import context

from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.lease_port import LeasePort
from ocpctl_installer_runner.settings import RunnerSettings

log = structlog.get_logger()
Work = Callable[[pb.Grant, float], None]


class Who(Protocol):
    """Whose doorbell it is."""

    @property
    def instance_id(self) -> str:
        """This process."""

    @property
    def accepted(self) -> bool:
        """Whether work may be taken now."""

    @property
    def claim_seconds(self) -> int:
        """How long a received message may wait for its verdict."""

    def account_id(self) -> str:
        """The AWS account that its runs count for. Raises Unavailable."""


class Doorbell:
    """`work` runs in a slot's thread with the grant and when it was asked for."""

    def __init__(self, queue: JobQueue, port: LeasePort, who: Who, work: Work, settings: RunnerSettings) -> None:
        self._queue = queue
        self._who = who
        self._port = port
        self._work = work
        self._runner_id = settings.runner_id
        self._unreachable_pause = settings.unreachable_pause_seconds
        self._poll_seconds = settings.poll_seconds
        self._free = threading.Semaphore(settings.slots)
        self._pool = ThreadPoolExecutor(settings.slots, thread_name_prefix="slot")
        self._stopped = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="doorbell", daemon=True)

    def start(self) -> None:
        """Listens until `stop`."""
        self._listener.start()

    def is_alive(self) -> bool:
        """Whether it still listens."""
        return self._listener.is_alive()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            self._free.acquire()
            if self._stopped.is_set() or not self._fill_safely():
                self._free.release()

    def stop(self) -> None:
        """No further message is taken. Waits for the current poll: the queue would hand a message to a closed
        connection, and it and its cluster would wait for the visibility timeout.
        """
        self._stopped.set()
        self._listener.join()
        log.info("no more messages are taken")

    def join(self) -> None:
        """Waits for the runs that go on."""
        self._pool.shutdown(wait=True)

    def _fill_safely(self) -> bool:
        """A runner that no longer listens, and says nothing, would be worse than any defect."""
        try:
            return self._fill()
        except Exception:
            log.exception("defect in the doorbell")
            self._stopped.wait(self._unreachable_pause)
            return False

    def _fill(self) -> bool:
        """Whether the free slot is used now."""
        if not self._who.accepted:
            self._stopped.wait(self._unreachable_pause)
            return False
        try:
            message = self._queue.receive(self._poll_seconds, claim_seconds=self._who.claim_seconds)
            if message is None:
                return False
            if self._stopped.is_set():
                self._queue.give_back(message, after_seconds=0)
                return False
            return self._ask(message)
        except OcpctlError as error:
            log.warning("queue away", error=error.message)
            self._stopped.wait(self._unreachable_pause)
            return False

    def _ask(self, message: Message) -> bool:
        """A scheduler that is away is given time: without a verdict the message stays, and comes again later."""
        try:
            return self._answer(message)
        except OcpctlError as error:
            log.warning("scheduler away", error=error.message)
            pause = self._unreachable_pause * random.uniform(1, 4)  # noqa: S311 - jitter
            self._queue.give_back(message, after_seconds=math.ceil(pause))
            self._stopped.wait(self._unreachable_pause)
            return False

    def _answer(self, message: Message) -> bool:
        job_id = message.job_id
        if job_id is None:
            log.error("message is not a doorbell; it goes to the dead-letter queue", receives=message.receives)
            return False
        with context.bind(message.attributes.get("correlation_id", ""), job_id=job_id):
            reach(Failpoint.RUNNER_RECEIVED)
            asked_at = boottime()
            answer = self._port.acquire(
                pb.AcquireRequest(
                    job_id=job_id,
                    runner_id=self._runner_id,
                    acquire_token=str(uuid.uuid4()),
                    instance_id=self._who.instance_id,
                    aws_account_id=self._who.account_id(),
                )
            )
            granted = answer.verdict == pb.Verdict.GRANTED
            if granted:
                reach(Failpoint.RUNNER_GRANTED)
                self._pool.submit(self._run, answer.grant, asked_at)
            else:
                log.info("not granted", verdict=pb.Verdict.Value.Name(answer.verdict), reason=answer.reason)
            self._delete(message)
            return granted

    def _delete(self, message: Message) -> None:
        """A message that is not deleted comes again, and is dropped then. Never raises: the run has begun."""
        try:
            self._queue.delete(message)
        except Exception as error:  # noqa: BLE001
            log.warning("message not deleted", error=str(error))

    def _run(self, grant: pb.Grant, asked_at: float) -> None:
        try:
            self._work(grant, asked_at)
        except Exception:
            log.exception("defect in a slot", attempt_id=grant.attempt_id)
        finally:
            self._free.release()
