"""A model of an SQS FIFO queue, as AWS documents it, with an injected clock.

What it holds to: deduplication for five minutes that outlives the delete; a message in flight blocks its group; order
within a group; a receipt handle is stale once the message was received again; after `most_receives` the message goes to
the dead-letter queue; a purge forgets everything but the deduplication.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ocpctl_common.cloud.queue import Message, Sendable
from ocpctl_common.errors import StaleState

DEDUPLICATION_SECONDS = 300.0


@dataclass(slots=True)
class _Kept:
    group_id: str
    dedup_id: str
    body: str
    attributes: dict[str, str]
    receives: int = 0
    invisible_until: float = 0.0
    handle: str = ""


@dataclass(slots=True)
class FifoModel:
    """The verbs of JobQueue. Not thread-safe: it is for deterministic runs."""

    clock: Callable[[], float]
    most_receives: int = 3
    dead_letters: "FifoModel | None" = None
    _kept: list[_Kept] = field(default_factory=list)
    _seen: dict[str, float] = field(default_factory=dict)
    _handles: int = 0

    def send_batch(self, messages: Sequence[Sendable]) -> Sequence[int]:
        """Accepts all; one whose deduplication id was sent within five minutes is accepted and not kept."""
        now = self.clock()
        for message in messages:
            if now - self._seen.get(message.dedup_id, -DEDUPLICATION_SECONDS) >= DEDUPLICATION_SECONDS:
                self._seen[message.dedup_id] = now
                kept = _Kept(message.group_id, message.dedup_id, message.body, dict(message.attributes))
                self._kept.append(kept)
        return [message.id for message in messages]

    def receive(self, wait_seconds: int, *, claim_seconds: int) -> Message | None:
        """The first message of the first group that has none in flight; never waits."""
        now = self.clock()
        blocked: set[str] = set()
        for kept in list(self._kept):
            if kept.group_id in blocked:
                continue
            if kept.invisible_until > now:
                blocked.add(kept.group_id)
            elif not self._redriven(kept):
                return self._hand_out(kept, now + claim_seconds)
        return None

    def _redriven(self, kept: _Kept) -> bool:
        if self.dead_letters is None or kept.receives < self.most_receives:
            return False
        self._kept.remove(kept)
        self.dead_letters._kept.append(_Kept(kept.group_id, kept.dedup_id, kept.body, kept.attributes))
        return True

    def _hand_out(self, kept: _Kept, until: float) -> Message:
        self._handles += 1
        kept.receives += 1
        kept.invisible_until = until
        kept.handle = f"handle-{self._handles}"
        return Message(body=kept.body, handle=kept.handle, receives=kept.receives, attributes=kept.attributes)

    def _in_flight(self, message: Message) -> _Kept:
        now = self.clock()
        for kept in self._kept:
            if kept.handle == message.handle and kept.invisible_until > now:
                return kept
        raise StaleState("the claim on a message", expected="ours", found="run out")

    def give_back(self, message: Message, *, after_seconds: int) -> None:
        """Changes the visibility of a message that is ours. Raises StaleState when it no longer is."""
        self._in_flight(message).invisible_until = self.clock() + after_seconds

    def delete(self, message: Message) -> None:
        """Deletes the message. Raises StaleState when the handle is not its newest or the claim has run out."""
        self._kept.remove(self._in_flight(message))

    def purge(self) -> None:
        """Everything is gone; what was sent within five minutes is still known."""
        self._kept.clear()

    def waiting(self) -> int:
        """Messages that are kept, in flight or not."""
        return len(self._kept)
