"""A job's log as a stream: what is stored, then what comes, with a sign of life, and an end that says why."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ocpctl.v1 import job_service_pb2 as pb
from ocpctl.v1 import types_pb2
from ocpctl_common.clock import Clock
from ocpctl_common.errors import FieldProblem, InvalidRequest, Unavailable
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import details, job_logs
from ocpctl_common.store.queries.job_logs import LogLineView

from ocpctl_api_gateway.streams import Reason, Stream
from ocpctl_api_gateway.translation import records

CHUNK = 500
MOST_TAIL = 10_000
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
COMPLETE, FAILED = types_pb2.StreamEnd.COMPLETE, types_pb2.StreamEnd.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines of which job. `tail` 0: from the oldest on."""

    job_id: str
    after: int
    tail: int
    follow: bool


@dataclass(slots=True, kw_only=True)
class _Position:
    """How far a stream has come."""

    after: int
    job_status: str
    sent: int = 0
    told_at: float = field(default=-float("inf"))


def wanted(request: pb.StreamJobLogRequest) -> Wanted:
    """What is asked for. Raises InvalidRequest."""
    problems = [
        FieldProblem(field=name, description=f"must be from 0 to {most}", reason="OUT_OF_RANGE")
        for name, value, most in (
            ("afterSequence", request.after_sequence, 2**63 - 1),
            ("tail", request.tail, MOST_TAIL),
        )
        if not 0 <= value <= most
    ]
    if problems:
        raise InvalidRequest("; ".join(f"{p.field} {p.description}" for p in problems), problems=problems)
    return Wanted(job_id=request.job_id, after=request.after_sequence, tail=request.tail, follow=request.follow)


class JobLog:
    """Reads again every `poll_seconds` while a job runs; without news a heartbeat goes out every `beat_seconds`."""

    def __init__(self, engine: Database, clock: Clock, *, poll_seconds: float, beat_seconds: float) -> None:
        self._engine = engine
        self._clock = clock
        self._poll = poll_seconds
        self._beat = beat_seconds

    def messages(self, asked: Wanted, stream: Stream) -> Iterator[pb.StreamJobLogResponse]:
        """Lines, heartbeats, one end. Raises Unavailable before the first message only."""
        position = self._begin(asked)
        reason: Reason | None = None
        while reason is None and not stream.gone:
            try:
                lines = self._read(asked, position)
            except Unavailable:
                if position.sent == 0 and position.told_at < 0:
                    raise
                reason = FAILED
                break
            yield from self._told(lines, position)
            reason = stream.must_end() or self._is_over(asked, position, lines)
            if reason is None and not lines:
                yield from self._heartbeat(position)
                stream.pause(self._poll)
        if reason is not None:
            yield records.log_end(reason, sent=position.sent, after=position.after, status=position.job_status)

    def _begin(self, asked: Wanted) -> _Position:
        after = asked.after
        if asked.tail:
            with autocommit(self._engine) as tx:
                after = job_logs.before_tail(tx, asked.job_id, after=after, tail=asked.tail)
        return _Position(after=after, job_status="UNSPECIFIED")

    def _read(self, asked: Wanted, position: _Position) -> list[LogLineView]:
        """The status first: a job that had ended before its lines were read has no more of them."""
        with autocommit(self._engine) as tx:
            position.job_status = details.job_status(tx, asked.job_id)
            return job_logs.lines(tx, asked.job_id, after=position.after, most=CHUNK)

    def _told(self, lines: list[LogLineView], position: _Position) -> Iterator[pb.StreamJobLogResponse]:
        for line in lines:
            yield records.log_line(line)
            position.after = line.id
            position.sent += 1
            position.told_at = time.monotonic()

    def _is_over(self, asked: Wanted, position: _Position, lines: list[LogLineView]) -> Reason | None:
        if len(lines) == CHUNK or (asked.follow and position.job_status not in ENDED):
            return None
        return COMPLETE

    def _heartbeat(self, position: _Position) -> Iterator[pb.StreamJobLogResponse]:
        """The first one goes out at once, so that a client knows that it is being served."""
        if time.monotonic() >= position.told_at + self._beat:
            position.told_at = time.monotonic()
            yield records.log_heartbeat(self._clock())
