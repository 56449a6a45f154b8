"""A channel that outlives its certificates: stubs stay, connections are made with the files as they are."""

import threading
from collections.abc import Callable
from operator import methodcaller
from typing import Any, cast

import grpc

from ocpctl_common.rpc.credentials import TlsFiles, TlsMaterial

GRACE_SECONDS = 60.0  # longer than the deadline of any call between services
# Who makes no calls sees new certificates, too: its idle connection would try the old ones for ever.
LOOK_SECONDS = 30.0


class ReloadingChannel(grpc.Channel):
    """Every call uses a connection with the current certificates; a call that runs ends on the one it began on.

    After a rotation the old connection is closed when the grace is over.
    """

    def __init__(
        self, files: TlsFiles, connect: Callable[[TlsMaterial], grpc.Channel], grace_seconds: float = GRACE_SECONDS
    ) -> None:
        self._files = files
        self._connect = connect
        self._grace = grace_seconds
        self._lock = threading.Lock()
        self._closed = False
        self._material = files.current()
        self._channel = connect(self._material)
        self._ending: dict[grpc.Channel, threading.Timer] = {}
        self._stopped = threading.Event()
        threading.Thread(target=self._look, name="certificates", daemon=True).start()

    def _look(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            self.current()

    def current(self) -> grpc.Channel:
        """The channel for a call that begins now."""
        material = self._files.current()
        with self._lock:
            if material is not self._material and not self._closed:
                self._retire(self._channel)
                self._material, self._channel = material, self._connect(material)
            return self._channel

    def _retire(self, channel: grpc.Channel) -> None:
        timer = threading.Timer(self._grace, self._end, [channel])
        timer.daemon = True
        self._ending[channel] = timer
        timer.start()

    def _end(self, channel: grpc.Channel) -> None:
        with self._lock:
            self._ending.pop(channel, None)
        channel.close()

    def close(self) -> None:
        """Ends all calls, on old connections too."""
        self._stopped.set()
        with self._lock:
            self._closed = True
            ending, self._ending = self._ending, {}
        for channel, timer in ending.items():
            timer.cancel()
            channel.close()
        self._channel.close()

    def unary_unary(self, *args: Any, **kwargs: Any) -> "grpc.UnaryUnaryMultiCallable[Any, Any]":
        """For stubs."""
        return cast("grpc.UnaryUnaryMultiCallable[Any, Any]", Method(self.current, "unary_unary", args, kwargs))

    def unary_stream(self, *args: Any, **kwargs: Any) -> "grpc.UnaryStreamMultiCallable[Any, Any]":
        """For stubs."""
        return cast("grpc.UnaryStreamMultiCallable[Any, Any]", Method(self.current, "unary_stream", args, kwargs))

    def stream_unary(self, *args: Any, **kwargs: Any) -> "grpc.StreamUnaryMultiCallable[Any, Any]":
        """For stubs."""
        return cast("grpc.StreamUnaryMultiCallable[Any, Any]", Method(self.current, "stream_unary", args, kwargs))

    def stream_stream(self, *args: Any, **kwargs: Any) -> "grpc.StreamStreamMultiCallable[Any, Any]":
        """For stubs."""
        return cast("grpc.StreamStreamMultiCallable[Any, Any]", Method(self.current, "stream_stream", args, kwargs))

    def subscribe(self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool = False) -> None:  # noqa: FBT001, FBT002 - gRPC's signature
        """Tells of the present connection only."""
        self.current().subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Ends what `subscribe` began."""
        self.current().unsubscribe(callback)

    def __enter__(self) -> "ReloadingChannel":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


class Method:
    """A stub's method: the current channel's own, looked up when it is called."""

    def __init__(self, current: Callable[[], grpc.Channel], kind: str, args: Any, kwargs: Any) -> None:
        self._current = current
        self._make = methodcaller(kind, *args, **kwargs)
        self._made: tuple[grpc.Channel | None, Any] = (None, None)

    def _now(self) -> Any:
        channel = self._current()
        made_by, method = self._made
        if made_by is not channel:
            method = self._make(channel)
            self._made = (channel, method)
        return method

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls and waits, or iterates."""
        return self._now()(*args, **kwargs)

    def with_call(self, *args: Any, **kwargs: Any) -> Any:
        """Calls and waits; the answer and the call."""
        return self._now().with_call(*args, **kwargs)

    def future(self, *args: Any, **kwargs: Any) -> Any:
        """Calls without waiting."""
        return self._now().future(*args, **kwargs)
