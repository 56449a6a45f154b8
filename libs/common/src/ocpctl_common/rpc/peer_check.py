"""The server's second interceptor: a call goes on only if its peer's certificate has a name that may make it."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc
import structlog

from ocpctl_common.errors import NotPermitted
from ocpctl_common.rpc.interceptors import Behavior, abort_expected, request_id_of
from ocpctl_common.rpc.peers import is_allowed
from ocpctl_common.telemetry import metrics

# Only DNS names count: another kind of subject alternative name (mail, URI) may hold any text.
PEER_DNS = "peer_dns"
KINDS: Mapping[str, Callable[..., "grpc.RpcMethodHandler[Any, Any]"]] = {
    "unary_unary": grpc.unary_unary_rpc_method_handler,
    "unary_stream": grpc.unary_stream_rpc_method_handler,
    "stream_unary": grpc.stream_unary_rpc_method_handler,
    "stream_stream": grpc.stream_stream_rpc_method_handler,
}

log = structlog.get_logger()


class PeerCheck(grpc.ServerInterceptor):
    """Every call, streams too, against the rows of `peers.ALLOWED`; refusals are PERMISSION_DENIED, logged, counted."""

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Wraps the handler; the peer is known only when the call begins."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        for kind, make in KINDS.items():
            if behavior := getattr(handler, kind):
                return make(
                    _checked(behavior, handler_call_details.method),
                    request_deserializer=handler.request_deserializer,
                    response_serializer=handler.response_serializer,
                )
        return None


def _checked(behavior: Behavior, path: str) -> Behavior:
    def call(request: Any, context: grpc.ServicerContext) -> Any:
        names = peer_names(context)
        if not is_allowed(path, names):
            _refuse(context, path, names)
        return behavior(request, context)

    return call


def peer_names(context: grpc.ServicerContext) -> tuple[str, ...]:
    """The DNS names of the peer's certificate."""
    auth: Mapping[str, Any] = context.auth_context()
    return tuple(name.decode(errors="replace") for name in auth.get(PEER_DNS, ()))


def _refuse(context: grpc.ServicerContext, path: str, names: tuple[str, ...]) -> None:
    """Ends the call."""
    peer = ", ".join(names) or "(no name)"
    log.warning("peer refused", peer=peer, rpc=path, address=context.peer())
    metrics.peer_refusals.labels(peer=peer, method=path.rpartition("/")[2]).inc()
    error = NotPermitted(f"the certificate of {peer} may not call {path}")
    abort_expected(context, error, path.rpartition("/")[2], request_id_of(context))
