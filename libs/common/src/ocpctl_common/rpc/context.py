"""What is known of the call that runs: bound once by the server's interceptor, read by logs and by calls further on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The correlation id of the running call, or "" outside one."""
    return _request_id.get()


@contextmanager
def bind(correlation_id: str, **keys: str) -> Iterator[None]:
    """Binds the correlation id and further log keys until the block ends."""
    token = _request_id.set(correlation_id)
    try:
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id, **keys):
            yield
    finally:
        _request_id.reset(token)
