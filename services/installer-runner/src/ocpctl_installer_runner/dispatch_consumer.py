"""Listens for the doorbells of a pool while it may use a slot, and fills the slots.

The message is only a doorbell: it is deleted as soon as the scheduler has given a durable verdict. One waiting
receive a pool, whatever the number of slots.
"""

import math
import random
import threading
import uuid
from typing import Protocol

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.cloud.queue import JobQueue, Message
from ocpctl_common.errors import OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc import context

from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots
from ocpctl_installer_runner.translation.lease_port import LeasePort

log = structlog.get_logger()


class Who(Protocol):
    """Whose doorbell it is."""

    @property
    def instance_id(self) -> str:
        """This process."""

    def accepts(self, pool: Pool) -> bool:
        """Whether work of a pool may be taken now."""

    @property
    def claim_seconds(self) -> int:
        """How long a received message may wait for its verdict."""

    def account_id(self) -> str:
        """The account that its runs count for. Raises Unavailable."""


class Doorbell:
    """Ends when the slots are closed."""

    def __init__(
        self, pool: Pool, queue: JobQueue, port: LeasePort, who: Who, slots: Slots, settings: RunnerSettings
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._who = who
        self._port = port
        self._slots = slots
        self._runner_id = settings.runner_id
        self._unreachable_pause = settings.unreachable_pause_seconds
        self._poll_seconds = settings.poll_seconds
        self._stopped = slots.closed
        self._listener = threading.Thread(target=self._listen, name=f"doorbell-{pool}", daemon=True)

    def start(self) -> None:
        """Listens until the slots are closed."""
        self._listener.start()

    def is_alive(self) -> bool:
        """Whether it still listens."""
        return self._listener.is_alive()

    def _listen(self) -> None:
        while self._slots.take(self._pool):
            if not self._fill_safely():
                self._slots.give_back(self._pool)

    def join(self) -> None:
        """Waits for the current poll, when the slots are closed: the queue would hand a message to a closed
        connection, and it and its cluster would wait for the visibility timeout.
        """
        self._listener.join()
        log.info("no more messages are taken", pool=self._pool)

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
        if not self._who.accepts(self._pool):
            self._stopped.wait(self._unreachable_pause)
            return False
        try:
            message = self._queue.receive(self._poll_seconds, claim_seconds=self._who.claim_seconds)
            if message is None:
                return False
            if self._stopped.is_set() or not self._who.accepts(self._pool):  # as it may be since the poll began
                self._queue.give_back(message, after_seconds=0)
                return False
            return self._ask(message)
        except OcpctlError as error:
            log.warning("queue away", error=error.message)
            self._stopped.wait(self._unreachable_pause)
            return False

    def _ask(self, message: Message) -> bool:
        """Who is away is given time: without a verdict the message stays, and comes again later."""
        try:
            return self._answer(message)
        except OcpctlError as error:
            log.warning("no verdict", error=error.message)
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
                self._slots.run(self._pool, answer.grant, asked_at)
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
