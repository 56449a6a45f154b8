"""The server's interceptor: binds the call's context, measures it, and lets no exception text out."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import grpc
import structlog
from google.rpc import status_pb2
from grpc_status import rpc_status
from ulid import ULID

from ocpctl_common.errors import OcpctlError, Unavailable
from ocpctl_common.rpc import context as call_context
from ocpctl_common.rpc.status import http_override, internal_status, to_status
from ocpctl_common.telemetry import metrics

REQUEST_ID = "x-request-id"
HTTP_STATUS = "x-http-status"

log = structlog.get_logger()
Behavior = Callable[[Any, grpc.ServicerContext], Any]


class CallInterceptor(grpc.ServerInterceptor):
    """Outermost of all: whatever happens inside becomes a status of the table, or INTERNAL without a text."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Wraps calls and streams of answers; those of libraries (health watch, reflection) pass as they are."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method.rpartition("/")[2]
        types = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(_guarded(handler.unary_unary, method), **types)
        if handler.unary_stream is not None and not hasattr(handler.unary_stream, "experimental_non_blocking"):
            return grpc.unary_stream_rpc_method_handler(_guarded_stream(handler.unary_stream, method), **types)
        return handler


def _guarded(behavior: Behavior, method: str) -> Behavior:
    def call(request: Any, context: grpc.ServicerContext) -> Any:
        with _guard(context, method):
            return behavior(request, context)

    return call


def _guarded_stream(behavior: Behavior, method: str) -> Behavior:
    """The same for a stream: its messages are made, and its context is bound, in one thread from begin to end."""

    def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        with _guard(context, method):
            yield from behavior(request, context)

    return stream


@contextmanager
def _guard(context: grpc.ServicerContext, method: str) -> Iterator[None]:
    started = time.perf_counter()
    request_id = request_id_of(context)
    with call_context.bind(request_id, method=method):
        try:
            yield
        except OcpctlError as error:
            abort_expected(context, error, method, request_id)
        except Exception as error:
            if context.code() is not None:  # type: ignore[attr-defined]  # context.abort inside a library's servicer (health)
                raise
            log.exception("call failed", rpc=method, error_type=type(error).__name__)
            context.abort_with_status(_rich(internal_status(request_id)))
        finally:
            metrics.rpc_duration.labels(method=method).observe(time.perf_counter() - started)


def abort_expected(context: grpc.ServicerContext, error: OcpctlError, method: str, request_id: str) -> None:
    """Ends a call with the status of its error, and logs it."""
    if type(error) is OcpctlError:
        log.error("call failed", rpc=method, error=error.message)
        context.abort_with_status(_rich(internal_status(request_id)))
    level = log.warning if isinstance(error, Unavailable) else log.info
    level("call refused", rpc=method, reason=error.reason)
    rich = _rich(to_status(error, request_id))
    if override := http_override(error):
        rich = _WithHeader(rich, override)
    context.abort_with_status(rich)


def _rich(status: status_pb2.Status) -> grpc.Status:
    return cast("grpc.Status", rpc_status.to_status(status))


class _WithHeader(grpc.Status):
    """A status that carries the HTTP status in its trailers (an aborted call has no other headers)."""

    def __init__(self, rich: grpc.Status, http: str) -> None:
        self.code = rich.code
        self.details = rich.details
        self.trailing_metadata = (*rich.trailing_metadata, (HTTP_STATUS, http))


def request_id_of(context: grpc.ServicerContext) -> str:
    """The caller's correlation id, or a new one."""
    for key, value in context.invocation_metadata():
        if key == REQUEST_ID:
            return str(value)
    return str(ULID())
