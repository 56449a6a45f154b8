"""A job's log as a stream: the stored lines, then new lines and heartbeats, then an end with its reason."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ocpctl.v1 import job_service_pb2 as pb
from ocpctl.v1 import types_pb2
from ocpctl_common.clock import Clock
from ocpctl_common.errors import FieldProblem, InvalidRequest, Unavailable

from ocpctl_api_gateway.reads.job_reads import JobReads, LogChunk
from ocpctl_api_gateway.streams import Reason, Stream
from ocpctl_api_gateway.translation import job_messages

MAX_TAIL = 10_000
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
COMPLETE, FAILED = types_pb2.StreamEnd.COMPLETE, types_pb2.StreamEnd.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines of which job. `tail` 0 means all lines."""

    job_id: str
    after: int
    tail: int
    follow: bool


@dataclass(slots=True, kw_only=True)
class _Position:
    """The last line that was sent, and the last status that was read."""

    after: int
    job_status: str
    sent: int = 0
    sent_at: float = field(default=-float("inf"))


def wanted(request: pb.StreamJobLogRequest) -> Wanted:
    """Raises InvalidRequest for a number that is out of range."""
    problems = [
        FieldProblem(field=name, description=f"must be from 0 to {limit}", reason="OUT_OF_RANGE")
        for name, value, limit in (
            ("afterSequence", request.after_sequence, 2**63 - 1),
            ("tail", request.tail, MAX_TAIL),
        )
        if not 0 <= value <= limit
    ]
    if problems:
        raise InvalidRequest("; ".join(f"{p.field} {p.description}" for p in problems), problems=problems)
    return Wanted(job_id=request.job_id, after=request.after_sequence, tail=request.tail, follow=request.follow)


class JobLog:
    """Reads every `poll_seconds` while a job runs. Without new lines it sends a heartbeat every `beat_seconds`."""

    def __init__(self, reads: JobReads, clock: Clock, *, poll_seconds: float, beat_seconds: float) -> None:
        self._reads = reads
        self._clock = clock
        self._poll = poll_seconds
        self._beat = beat_seconds

    def messages(self, asked: Wanted, stream: Stream) -> Iterator[pb.StreamJobLogResponse]:
        """Lines, heartbeats, one end. Raises Unavailable before the first message only."""
        position = self._begin(asked)
        reason: Reason | None = None
        while reason is None and not stream.gone:
            try:
                chunk = self._reads.log_chunk(asked.job_id, after=position.after)
            except Unavailable:
                if position.sent == 0 and position.sent_at < 0:
                    raise
                reason = FAILED
                break
            position.job_status = chunk.job_status
            yield from self._lines(chunk, position)
            reason = stream.must_end() or self._is_over(asked, chunk)
            if reason is None and not chunk.lines:
                yield from self._heartbeat(position)
                stream.pause(self._poll)
        if reason is not None:
            yield job_messages.log_end(reason, sent=position.sent, after=position.after, status=position.job_status)

    def _begin(self, asked: Wanted) -> _Position:
        after = asked.after
        if asked.tail:
            after = self._reads.before_tail(asked.job_id, after=after, tail=asked.tail)
        return _Position(after=after, job_status="UNSPECIFIED")

    def _lines(self, chunk: LogChunk, position: _Position) -> Iterator[pb.StreamJobLogResponse]:
        for line in chunk.lines:
            yield job_messages.log_line(line)
            position.after = line.id
            position.sent += 1
            position.sent_at = time.monotonic()

    def _is_over(self, asked: Wanted, chunk: LogChunk) -> Reason | None:
        if chunk.is_full or (asked.follow and chunk.job_status not in ENDED):
            return None
        return COMPLETE

    def _heartbeat(self, position: _Position) -> Iterator[pb.StreamJobLogResponse]:
        """The first heartbeat is sent at once, so that a client knows that the stream works."""
        if time.monotonic() >= position.sent_at + self._beat:
            position.sent_at = time.monotonic()
            yield job_messages.log_heartbeat(self._clock())
