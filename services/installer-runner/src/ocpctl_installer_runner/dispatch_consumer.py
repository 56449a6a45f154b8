"""Receives the dispatch messages of a pool while it may use a slot, and fills the slots.

A message only says that a job waits. It is deleted as soon as the scheduler has given a durable verdict. There is one
waiting receive for each pool, whatever the number of slots.
"""

import math
import random
import threading
import uuid

import structlog
from ocpctl_common.cloud.queue import JobQueue, Message
from ocpctl_common.errors import OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc import context

from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.lease_messages import LeaseRequest
from ocpctl_installer_runner.lease_requester import LeaseRequester
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots
from ocpctl_installer_runner.translation.lease_port import LeasePort

log = structlog.get_logger()


class DispatchConsumer:
    """Ends when the slots are closed."""

    def __init__(
        self,
        pool: Pool,
        queue: JobQueue,
        port: LeasePort,
        requester: LeaseRequester,
        slots: Slots,
        settings: RunnerSettings,
    ) -> None:
        self._pool = pool
        self._queue = queue
        self._port = port
        self._requester = requester
        self._slots = slots
        self._settings = settings
        self._closed = slots.closed
        self._thread = threading.Thread(target=self._consume, name=f"dispatch-{pool}", daemon=True)

    def start(self) -> None:
        """Consumes until the slots are closed."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether it still consumes."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Waits for the current poll. Without that the queue would hand a message to a closed connection, and the
        message and its cluster would wait for the visibility timeout.
        """
        self._thread.join()
        log.info("dispatch consumer stopped", pool=self._pool)

    def _consume(self) -> None:
        while self._slots.take(self._pool):
            if not self._fill_slot_safely():
                self._slots.give_back(self._pool)

    def _fill_slot_safely(self) -> bool:
        """A runner that silently consumes no more would be worse than any defect."""
        try:
            return self._fill_slot()
        except Exception:
            log.exception("unhandled exception in the dispatch consumer", pool=self._pool)
            self._pause()
            return False

    def _fill_slot(self) -> bool:
        """Whether the free slot is used now."""
        if not self._requester.accepts(self._pool):
            self._pause()
            return False
        try:
            message = self._queue.receive(self._settings.poll_seconds, claim_seconds=self._requester.claim_seconds)
            return message is not None and self._handle(message)
        except OcpctlError as error:
            log.warning("queue unavailable", pool=self._pool, error=error.message)
            self._pause()
            return False

    def _handle(self, message: Message) -> bool:
        if self._closed.is_set() or not self._requester.accepts(self._pool):  # may have changed during the poll
            self._queue.give_back(message, after_seconds=0)
            return False
        try:
            return self._request_lease(message)
        except OcpctlError as error:
            log.warning("no verdict: scheduler unavailable", job_id=message.job_id, error=error.message)
            self._give_back_later(message)
            return False

    def _give_back_later(self, message: Message) -> None:
        """Without a verdict the message stays in the queue, and comes again when the scheduler had time to recover."""
        pause = self._settings.unreachable_pause_seconds * random.uniform(1, 4)  # noqa: S311 - jitter
        self._queue.give_back(message, after_seconds=math.ceil(pause))
        self._pause()

    def _request_lease(self, message: Message) -> bool:
        """Whether a run was granted: it has started then."""
        job_id = message.job_id
        if job_id is None:
            log.error("not a dispatch message: it goes to the dead-letter queue", receives=message.receives)
            return False
        with context.bind(message.attributes.get("correlation_id", ""), job_id=job_id):
            reach(Failpoint.RUNNER_RECEIVED)
            requested_at = boottime()
            verdict = self._port.acquire(self._lease_request(job_id))
            if verdict.grant:
                reach(Failpoint.RUNNER_GRANTED)
                self._slots.run(self._pool, verdict.grant, requested_at)
            else:
                log.info("lease not granted", verdict=verdict.word, reason=verdict.reason)
            self._delete(message)
            return verdict.grant is not None

    def _lease_request(self, job_id: str) -> LeaseRequest:
        return LeaseRequest(
            job_id=job_id,
            runner_id=self._settings.runner_id,
            token=str(uuid.uuid4()),
            instance_id=self._requester.instance_id,
            account_id=self._requester.account_id(),
        )

    def _delete(self, message: Message) -> None:
        """Never raises: the run has started. A message that is not deleted comes again, and is dropped then."""
        try:
            self._queue.delete(message)
        except Exception as error:  # noqa: BLE001 - see the docstring
            log.warning("message not deleted", error=str(error))

    def _pause(self) -> None:
        self._closed.wait(self._settings.unreachable_pause_seconds)
