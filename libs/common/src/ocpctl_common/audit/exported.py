"""Reads an export of the audit (NDJSON of ocpctl.v1.ExportAuditResponse)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from google.protobuf import json_format
from ocpctl.v1 import audit_service_pb2 as pb
from ocpctl.v1 import types_pb2

from ocpctl_common.audit.chain import EPOCH, ChainedEvent


class NotVerifiable(Exception):
    """The file is no whole export; the message says what is wrong with it."""


def events(lines: Iterable[str]) -> Iterator[ChainedEvent]:
    """The events of an export, in its order. Raises NotVerifiable, also at the end of a file that was cut off."""
    for number, line in enumerate(lines, start=1):
        message = _parse(line, number)
        if message.WhichOneof("content") == "end":
            return _check_end(message.end, number - 1)
        yield event(message.event)
    raise NotVerifiable("the last message of the export is missing: it was cut off; export again")


def check_whole(lines: Iterable[str]) -> None:
    """Raises NotVerifiable for an export that says itself that it lacks events: each gap would look like a break."""
    last, number = "", 0
    for number, line in enumerate(lines, start=1):  # noqa: B007 - the number of the last one
        last = line
    if last and (message := _parse(last, number)).WhichOneof("content") == "end":
        _check_chains(message.end)


def event(message: pb.AuditEvent) -> ChainedEvent:
    """A row from its public form. Raises ValueError for a hash that is none."""
    return ChainedEvent(
        seq=message.sequence,
        id=message.id,
        created_at=EPOCH + timedelta(seconds=message.time.seconds, microseconds=message.time.nanos // 1000),
        target_cluster_id=message.cluster_id if message.HasField("cluster_id") else None,
        actor=message.actor,
        action=message.action,
        outcome=pb.AuditOutcome.Value.Name(message.outcome),
        reason=message.reason,
        from_status=message.from_status,
        to_status=message.to_status,
        job_id=message.job_id if message.HasField("job_id") else None,
        attempt_id=message.attempt_id if message.HasField("attempt_id") else None,
        fence=message.fence,
        correlation_id=message.correlation_id,
        previous_hash=bytes.fromhex(message.previous_hash),
        hash=bytes.fromhex(message.hash),
    )


def _parse(line: str, number: int) -> Any:
    try:
        message = json_format.Parse(line, pb.ExportAuditResponse(), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise NotVerifiable(f"line {number} is no message of an export: {error}") from error
    if message.WhichOneof("content") is None:
        raise NotVerifiable(f"line {number} is neither an event nor the end of an export")
    return message


def _check_end(end: pb.AuditExportEnd, count: int) -> None:
    if end.events != count:
        raise NotVerifiable(f"the export says {end.events} events and has {count}: lines were added or removed")
    _check_chains(end)


def _check_chains(end: pb.AuditExportEnd) -> None:
    if not end.whole_chains:
        word = types_pb2.StreamEnd.Value.Name(end.reason)
        raise NotVerifiable(f"the export ended as {word} or was filtered by more than clusterId: chains are not whole")
