"""The gRPC server of every service: thread pool, mutual TLS, health, the interceptors."""

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from ocpctl_common.rpc.credentials import TlsFiles, server_credentials
from ocpctl_common.rpc.interceptors import CallInterceptor
from ocpctl_common.rpc.peer_check import PeerCheck
from ocpctl_common.telemetry import traces

OPTIONS = (
    ("grpc.so_reuseport", 0),  # two servers on one port would share it silently
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    # Envoy lets 16 KiB of headers in and adds the path as it came; within its soft limit gRPC refuses at random.
    ("grpc.max_metadata_size", 64 * 1024),
    ("grpc.absolute_max_metadata_size", 64 * 1024),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Where a server listens (`host:port`, port 0 takes a free one), as whom, and for how many calls at once.

    A peer is judged when it connects, so a connection ends after `connection_seconds`; its running calls may finish.
    """

    listen: str
    tls: TlsFiles
    workers: int
    connection_seconds: float = 600.0


class RunningServer:
    """A server that answers. `stop` first tells health checks, then lets calls finish."""

    def __init__(self, server: grpc.Server, health_servicer: health.HealthServicer, address: str) -> None:
        self._server = server
        self._health = health_servicer
        self.address = address

    def stop(self, grace_seconds: float) -> None:
        """Returns when all calls ended or the grace is over."""
        self._health.enter_graceful_shutdown()
        self._server.stop(grace_seconds).wait()


def serve(
    port: Port, *, register: Sequence[Callable[[grpc.Server], object]], service_names: Sequence[str]
) -> RunningServer:
    """Starts a server for peers with certificates. Raises OSError when the port is taken."""
    server = grpc.server(
        ThreadPoolExecutor(port.workers, thread_name_prefix="rpc"),
        interceptors=[CallInterceptor(), PeerCheck(), *traces.server_interceptors()],
        options=(*OPTIONS, ("grpc.max_connection_age_ms", int(port.connection_seconds * 1000))),
    )
    for add in register:
        add(server)
    health_servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    listen = f"[::]{port.listen}" if port.listen.startswith(":") else port.listen  # IPv4 too, for gRPC
    number = _bind(server, listen, port.tls)
    server.start()
    for name in ("", *service_names):
        health_servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    address = f"{listen.rpartition(':')[0]}:{number}"
    log.info("listening", address=address)
    return RunningServer(server, health_servicer, address)


def _bind(server: grpc.Server, listen: str, tls: TlsFiles) -> int:
    try:
        return server.add_secure_port(listen, server_credentials(tls))
    except RuntimeError as error:
        why = "another process uses it, or it is no address of this machine"
        raise OSError(f"cannot listen on {listen}: {why}") from error


def wait_for_signal(stop: threading.Event) -> None:
    """Blocks the main thread until SIGTERM or SIGINT, or until somebody else sets `stop`."""

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    stop.wait()
