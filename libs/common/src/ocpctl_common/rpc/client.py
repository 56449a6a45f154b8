"""Calls to another service: one channel a process, a deadline on every call, errors as leaves of the tree."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from ocpctl_common.rpc import context
from ocpctl_common.rpc.credentials import TlsFiles, TlsMaterial
from ocpctl_common.rpc.interceptors import REQUEST_ID
from ocpctl_common.rpc.reloading import ReloadingChannel
from ocpctl_common.rpc.status import from_rpc_error
from ocpctl_common.telemetry import traces

# Every call goes to the next of the target's addresses that are connected; without it one of them gets all.
ROUND_ROBIN = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
OPTIONS = (
    ("grpc.service_config", ROUND_ROBIN),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # a minute otherwise, whatever the line above says (gRPC 1.85)
    # Also while nobody calls: otherwise a server that hangs keeps its share until somebody has met it often enough.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.min_reconnect_backoff_ms", 3_000),  # what its name hides: how long one attempt with its handshake may take
    ("grpc.max_reconnect_backoff_ms", 3_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
)

Response = TypeVar("Response")


def channel(target: str, *, tls: TlsFiles, server_name: str) -> grpc.Channel:
    """A channel to servers whose certificates must say `server_name`. It connects, and connects again, by itself.

    `target` is gRPC's: `host:port` or `dns:///host:port` (all addresses of the name, asked again when one is lost), or
    `ipv4:address:port,address:port`. The calls are shared among the addresses.
    """
    # The name is a service's, not a machine's: the target may be an address, a proxy or a list.
    options = (*OPTIONS, ("grpc.ssl_target_name_override", server_name))

    def connect(material: TlsMaterial) -> grpc.Channel:
        return grpc.secure_channel(target, material.for_client(), options)

    return traces.traced(ReloadingChannel(tls, connect))


def call(method: Callable[..., Response], request: Any, *, timeout: float) -> Response:
    """One call with the running call's correlation id. Raises the leaf that the server raised, or Unavailable."""
    correlation_id = context.request_id()
    metadata = ((REQUEST_ID, correlation_id),) if correlation_id else ()
    try:
        return method(request, timeout=timeout, metadata=metadata)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from error
