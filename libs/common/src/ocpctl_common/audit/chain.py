"""The hash chains, computed anew in Python, independent of the database's own function.

A hash is SHA-256 over the hash of the event before it and the event as PostgreSQL prints a `jsonb` array: elements
parted by a comma and a blank, strings escaped only where JSON demands it, the time as seconds with six decimals.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLATFORM = "the platform"
MICROS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedEvent:
    """An event as it was written, with its hashes; the first of a chain follows nothing (b"")."""

    seq: int
    id: str
    created_at: datetime
    target_cluster_id: str | None
    actor: str
    action: str
    outcome: str
    reason: str
    from_status: str
    to_status: str
    job_id: str | None
    attempt_id: str | None
    fence: int
    correlation_id: str
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first event that does not fit. `chain` is a cluster's id or "the platform"."""

    chain: str
    seq: int
    event_id: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was verified, up to the first break if there is one."""

    chains: int
    events: int
    broken: Break | None = None


def digest(event: ChainedEvent) -> bytes:
    """The hash that an event must have."""
    return hashlib.sha256(event.previous_hash + body(event).encode()).digest()


def body(event: ChainedEvent) -> str:
    """The event as the database hashed it."""
    values = (
        event.id,
        event.target_cluster_id,
        event.actor,
        event.action,
        event.outcome,
        event.reason,
        event.from_status,
        event.to_status,
        event.job_id,
        event.attempt_id,
        event.fence,
        event.correlation_id,
    )
    printed = [json.dumps(value, ensure_ascii=False) for value in values]
    return f"[{', '.join([*printed, _seconds(event.created_at)])}]"


def _seconds(time: datetime) -> str:
    micros = (time - EPOCH) // timedelta(microseconds=1)
    whole, rest = divmod(abs(micros), MICROS)
    return f"{'-' if micros < 0 else ''}{whole}.{rest:06d}"


def verify(events: Iterable[ChainedEvent]) -> Verdict:
    """Verifies whole chains, whose events come in the order of their numbers. One hash a chain is kept in memory."""
    heads: dict[str, bytes] = {}
    count = 0
    for event in events:
        chain = event.target_cluster_id or PLATFORM
        if what := _problem(event, heads.get(chain, b"")):
            broken = Break(chain=chain, seq=event.seq, event_id=event.id, what=what)
            return Verdict(chains=len(heads.keys() | {chain}), events=count, broken=broken)
        heads[chain] = event.hash
        count += 1
    return Verdict(chains=len(heads), events=count)


def _problem(event: ChainedEvent, head: bytes) -> str:
    if event.previous_hash != head:
        return "does not follow the event before it in its chain: an event between them was removed, added or moved"
    if digest(event) != event.hash:
        return "is not what was written: its content or its hash was changed"
    return ""
