"""The server's interceptor: binds the call's context, measures it, and lets no exception text out."""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import grpc
import structlog
from google.rpc import status_pb2
from grpc_status import rpc_status
from ulid import ULID

from ocpctl_common.errors import InvalidRequest, OcpctlError, Unavailable
from ocpctl_common.rpc import context as call_context
from ocpctl_common.rpc.reading import strict
from ocpctl_common.rpc.status import NEVER_SENT, http_override, internal_status, to_status
from ocpctl_common.telemetry import metrics

REQUEST_ID = "x-request-id"
HTTP_STATUS = "x-http-status"
REQUEST_ID_FORM = re.compile(r"[!-~]{1,128}")

log = structlog.get_logger()
Behavior = Callable[[Any, grpc.ServicerContext], Any]


class CallInterceptor(grpc.ServerInterceptor):
    """Outermost of all: whatever happens inside becomes a status of the table, or INTERNAL without a text."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Wraps calls and streams; the library's health watch, which holds no thread, passes as it is."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method.rpartition("/")[2]
        types = {
            "request_deserializer": strict(handler.request_deserializer) if handler.request_deserializer else None,
            "response_serializer": handler.response_serializer,
        }
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(_guarded(handler.unary_unary, method), **types)
        if handler.unary_stream is not None and not hasattr(handler.unary_stream, "experimental_non_blocking"):
            return grpc.unary_stream_rpc_method_handler(_guarded_stream(handler.unary_stream, method), **types)
        if handler.stream_stream is not None:
            return grpc.stream_stream_rpc_method_handler(_guarded_stream(_read(handler.stream_stream), method), **types)
        return handler


def _guarded(behavior: Behavior, method: str) -> Behavior:
    def call(request: Any, context: grpc.ServicerContext) -> Any:
        with _observed(request, context, method):
            return behavior(request, context)

    return call


def _guarded_stream(behavior: Behavior, method: str) -> Behavior:
    """The same for a stream: its messages are made, and its context is bound, in one thread from begin to end."""

    def stream(request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        with _observed(request, context, method):
            yield from behavior(request, context)

    return stream


def _read(behavior: Behavior) -> Behavior:
    """For a stream of requests: one that is no message of the contract is refused when its turn comes."""

    def stream(requests: Iterable[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        return cast("Iterator[Any]", behavior(map(_message, requests), context))

    return stream


def _message(request: Any) -> Any:
    if isinstance(request, InvalidRequest):
        raise request
    return request


@contextmanager
def _observed(request: Any, context: grpc.ServicerContext, method: str) -> Iterator[None]:
    started = time.perf_counter()
    request_id = request_id_of(context)
    with call_context.bind(request_id, method=method), metrics.rpc_in_flight.track_inprogress():
        try:
            _check(_given_request_id(context), request)
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
    if type(error) in NEVER_SENT:
        log.error("call failed", rpc=method, error=str(error))
        context.abort_with_status(_rich(internal_status(request_id)))
    level = log.warning if isinstance(error, Unavailable) else log.info
    level("call refused", rpc=method, reason=error.reason)
    context.abort_with_status(_WithHeaders(_rich(to_status(error, request_id)), _headers(error)))


def _rich(status: status_pb2.Status) -> grpc.Status:
    return cast("grpc.Status", rpc_status.to_status(status))


def _check(request_id: str, request: Any) -> None:
    """Raises InvalidRequest for what the bytes of the call already show."""
    if isinstance(request, InvalidRequest):
        raise request
    if request_id and not REQUEST_ID_FORM.fullmatch(request_id):
        raise InvalidRequest("the header x-request-id takes 1 to 128 visible ASCII characters")


def _headers(error: OcpctlError) -> Iterator[tuple[str, str]]:
    """What the answer says besides: a forced HTTP status, and when to try again."""
    if override := http_override(error):
        yield HTTP_STATUS, override
    if error.retry_after_seconds is not None:
        yield "retry-after", str(max(1, math.ceil(error.retry_after_seconds)))


class _WithHeaders(grpc.Status):
    """A status that carries headers in its trailers (an aborted call has no other headers)."""

    def __init__(self, rich: grpc.Status, more: Iterable[tuple[str, str]]) -> None:
        self.code = rich.code
        self.details = rich.details
        self.trailing_metadata = (*rich.trailing_metadata, *more)


def request_id_of(context: grpc.ServicerContext) -> str:
    """The caller's correlation id; a new one when it has none, or one that is not fit for logs."""
    given = _given_request_id(context)
    return given if REQUEST_ID_FORM.fullmatch(given) else str(ULID())


def _given_request_id(context: grpc.ServicerContext) -> str:
    """What the caller calls it, or ""."""
    return next((str(value) for key, value in context.invocation_metadata() if key == REQUEST_ID), "")
