"""Streams. Each uses a thread of the server, so streams are limited in number and time, and end with their client."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import grpc
from ocpctl.v1 import types_pb2
from ocpctl_common.errors import Unavailable

Reason: TypeAlias = types_pb2.StreamEnd.Value.ValueType
TIME_LIMIT, STOPPING = types_pb2.StreamEnd.TIME_LIMIT, types_pb2.StreamEnd.STOPPING
SESSION_REVOKED = types_pb2.StreamEnd.SESSION_REVOKED
RETRY_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """Streams at once, in all and for one caller, and the lifetime of a stream in seconds."""

    at_once: int
    per_caller: int
    seconds: float


class Stream:
    """One running stream. `gone` becomes true when its client has left."""

    def __init__(self, seconds: float, is_revoked: Callable[[], bool]) -> None:
        self._deadline = time.monotonic() + seconds
        self._is_revoked = is_revoked
        self._ended = threading.Event()
        self.gone = False
        self._stopping = False

    def lose(self) -> None:
        """The client has left."""
        self.gone = True
        self._ended.set()

    def stop(self) -> None:
        """The server shuts down."""
        self._stopping = True
        self._ended.set()

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than the stream may live."""
        self._ended.wait(max(0.0, min(seconds, self._deadline - time.monotonic())))

    def must_end(self) -> Reason | None:
        """The reason to end now, if there is one."""
        if self._stopping:
            return STOPPING
        if self._is_revoked():
            return SESSION_REVOKED
        return TIME_LIMIT if time.monotonic() >= self._deadline else None


class Streams:
    """All streams of a gateway. A stream ends when its session is revoked. Thread-safe."""

    def __init__(self, limits: StreamLimits, is_revoked: Callable[[str], bool]) -> None:
        self._limits = limits
        self._is_revoked = is_revoked
        self._lock = threading.Lock()
        self._running: set[Stream] = set()
        self._callers: Counter[str] = Counter()

    @contextmanager
    def enter(self, context: grpc.ServicerContext, caller: str, session_id: str) -> Iterator[Stream]:
        """A stream that counts until the block ends. Raises Unavailable when there are too many."""
        stream = Stream(self._limits.seconds, partial(self._is_revoked, session_id))
        self._admit(stream, caller)
        try:
            if not context.add_callback(stream.lose):
                stream.lose()
            yield stream
        finally:
            with self._lock:
                self._running.discard(stream)
                self._callers[caller] -= 1

    def stop(self) -> None:
        """Tells all streams to send their last message and end."""
        with self._lock:
            for stream in self._running:
                stream.stop()

    def _admit(self, stream: Stream, caller: str) -> None:
        with self._lock:
            if self._callers[caller] >= self._limits.per_caller:
                raise _too_many(f"you have {self._limits.per_caller} streams open, as many as one caller may")
            if len(self._running) >= self._limits.at_once:
                raise _too_many(f"{self._limits.at_once} streams are open, as many as this gateway serves at once")
            self._running.add(stream)
            self._callers[caller] += 1


def _too_many(why: str) -> Unavailable:
    return Unavailable(f"{why}; end one or try again later", retry_after_seconds=RETRY_SECONDS)
