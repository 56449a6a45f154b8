"""Starts and stops a gateway."""

from dataclasses import dataclass
from http.server import ThreadingHTTPServer

from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.server import Port, RunningServer, serve
from ocpctl_common.store import clocks, schema
from ocpctl_common.telemetry import metrics

from ocpctl_api_gateway import reachability
from ocpctl_api_gateway.contract import SERVICES
from ocpctl_api_gateway.registrations import registrations
from ocpctl_api_gateway.resources import Resources, open_resources
from ocpctl_api_gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that answers calls."""

    server: RunningServer
    metrics_server: ThreadingHTTPServer
    resources: Resources

    def stop(self, grace_seconds: float) -> None:
        """Ends the streams in order, then lets other running calls finish."""
        self.resources.streams.stop()
        self.server.stop(grace_seconds)
        self.metrics_server.shutdown()
        self.resources.close()


def start(settings: GatewaySettings) -> Gateway:
    """Starts everything.

    Raises CatalogueError for wrong profiles, BadCertificates, OSError when a port is taken or a file of keys is
    missing, ValueError when one is wrong.
    """
    tls = TlsFiles(settings.tls_dir)
    resources = open_resources(settings, tls)
    servicers = list(registrations(settings, resources))
    ready, lacks = resources.session_cache.is_fresh, reachability.lacks(resources.channel)
    metrics_server = metrics.serve(settings.metrics_listen, ready=ready, shown=metrics.GATEWAY, lacks=lacks)
    schema.wait(resources.engine)
    clocks.compare(resources.engine)
    resources.start()
    server = serve(_port(settings, tls), register=servicers, service_names=SERVICES)
    return Gateway(server=server, metrics_server=metrics_server, resources=resources)


def _port(settings: GatewaySettings, tls: TlsFiles) -> Port:
    return Port(
        listen=settings.listen, tls=tls, workers=settings.workers, connection_seconds=settings.connection_seconds
    )
