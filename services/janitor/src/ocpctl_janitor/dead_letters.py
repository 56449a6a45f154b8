"""Reads the dead-letter queue: messages whose receivers died or found no scheduler, three times.

The row is the truth, so another dispatch is enough. A message that is no dispatch stays for a person to see.
"""

import structlog
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.cloud.queue import JobQueue, Message
from ocpctl_common.ids import JobId
from ocpctl_common.store.queries.janitor import Candidate
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.passes import Report, ask

CLAIM_SECONDS = 60

log = structlog.get_logger()


class DeadLetters:
    """One pass takes every message that is there."""

    def __init__(self, queue: JobQueue, stub: SweepServiceStub) -> None:
        self._queue = queue
        self._stub = stub

    def run_once(self) -> Report:
        """One pass. Raises Unavailable when the queue or the scheduler is away: what was not dispatched comes again."""
        found = applied = failed = 0
        while message := self._queue.receive(0, claim_seconds=CLAIM_SECONDS):
            found += 1
            metrics.dead_letters.inc()
            applied += self._redispatch(message)
            failed += message.job_id is None
        return Report(found=found, applied=applied, failed=failed)

    def _redispatch(self, message: Message) -> bool:
        if message.job_id is None:
            log.error("dead letter is no dispatch; look at it and delete it", receives=message.receives)
            return False
        answer = ask(self._stub, "redispatch", Candidate(job_id=JobId(message.job_id)))
        log.error("dead letter", job_id=message.job_id, redispatched=answer.applied, reason=answer.reason)
        self._queue.delete(message)
        return answer.applied
