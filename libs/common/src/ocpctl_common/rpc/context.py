"""What is known of the call that runs: bound once by the server's interceptor, read by logs and by calls further on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_method: ContextVar[str] = ContextVar("method", default="")


def request_id() -> str:
    """The correlation id of the running call, or "" outside one."""
    return _request_id.get()


def method() -> str:
    """The RPC that runs, e.g. "GetCluster", or "" outside one."""
    return _method.get()


@contextmanager
def bind(correlation_id: str, *, method: str = "", **keys: str) -> Iterator[None]:
    """Binds the correlation id, the RPC and further log keys until the block ends."""
    tokens = _request_id.set(correlation_id), _method.set(method)
    try:
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id, **keys):
            yield
    finally:
        _request_id.reset(tokens[0])
        _method.reset(tokens[1])
