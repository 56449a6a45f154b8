"""The server's interceptor: binds the call's context, measures it, and lets no exception text out."""

import time
from collections.abc import Callable
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
        """Wraps unary calls; streams (health watch, reflection) pass as they are."""
        handler = continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        method = handler_call_details.method.rpartition("/")[2]
        return grpc.unary_unary_rpc_method_handler(
            _guarded(handler.unary_unary, method),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def _guarded(behavior: Behavior, method: str) -> Behavior:
    seconds = metrics.rpc_duration.labels(method=method)

    def call(request: Any, context: grpc.ServicerContext) -> Any:
        started = time.perf_counter()
        request_id = request_id_of(context)
        with call_context.bind(request_id):
            try:
                return behavior(request, context)
            except OcpctlError as error:
                abort_expected(context, error, method, request_id)
            except Exception as error:
                if context.code() is not None:  # type: ignore[attr-defined]  # context.abort inside a library's servicer (health)
                    raise
                log.exception("call failed", rpc=method, error_type=type(error).__name__)
                context.abort_with_status(_rich(internal_status(request_id)))
            finally:
                seconds.observe(time.perf_counter() - started)

    return call


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
