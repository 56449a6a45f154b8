"""Puts the gateway together."""

from dataclasses import dataclass
from http.server import ThreadingHTTPServer

import grpc
from ocpctl.external.ext_authz_pb2_grpc import add_AuthorizationServicer_to_server
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl.v1.admin_service_pb2_grpc import add_AdminServiceServicer_to_server
from ocpctl.v1.cluster_service_pb2_grpc import add_ClusterServiceServicer_to_server
from ocpctl.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from ocpctl.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.session import session
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.server import RunningServer, serve
from ocpctl_common.store.engine import Database, make_engine
from ocpctl_common.telemetry import metrics

from ocpctl_api_gateway.admin import AdminServicer
from ocpctl_api_gateway.body_check import BodyCheck
from ocpctl_api_gateway.clusters import ClusterServicer
from ocpctl_api_gateway.door import Door
from ocpctl_api_gateway.jobs_and_profiles import JobServicer, ProfileServicer
from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.reading import Reader
from ocpctl_api_gateway.scheduler_port import SchedulerPort
from ocpctl_api_gateway.settings import GatewaySettings

SERVICES = tuple(f"ocpctl.v1.{name}" for name in ("ClusterService", "JobService", "ProfileService", "AdminService"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that answers."""

    server: RunningServer
    engine: Database
    channel: grpc.Channel
    metrics_server: ThreadingHTTPServer

    def stop(self, grace_seconds: float) -> None:
        """Lets calls finish."""
        self.server.stop(grace_seconds)
        self.metrics_server.shutdown()
        self.channel.close()
        self.engine.dispose()


def start(settings: GatewaySettings) -> Gateway:
    """Starts everything. Raises CatalogueError for wrong profiles, OSError when a port is taken."""
    catalogue = load_catalogue(settings.profiles_dir)
    engine = make_engine(
        settings.database_url, pool_size=settings.database_connections, application_name="ocpctl-api-gateway"
    )
    to_scheduler = channel(settings.scheduler_target)
    scheduler = SchedulerPort(RequestServiceStub(to_scheduler))
    ports = Ports(
        door=Door(scheduler),
        reader=Reader(engine),
        scheduler=scheduler,
        artifacts=ArtifactStore(session(), settings.bucket),
        catalogue=catalogue,
        clock=utc_now,
    )
    metrics_server = metrics.serve(settings.metrics_listen, ready=lambda: True)
    server = serve_grpc(settings.listen, ports, engine, workers=settings.workers)
    return Gateway(server=server, engine=engine, channel=to_scheduler, metrics_server=metrics_server)


def serve_grpc(listen: str, ports: Ports, engine: Database, *, workers: int) -> RunningServer:
    """The public services and the body check on one port."""

    def register(server: grpc.Server) -> None:
        add_ClusterServiceServicer_to_server(ClusterServicer(ports), server)
        add_JobServiceServicer_to_server(JobServicer(ports), server)
        add_ProfileServiceServicer_to_server(ProfileServicer(ports), server)
        add_AdminServiceServicer_to_server(AdminServicer(ports, engine), server)
        add_AuthorizationServicer_to_server(BodyCheck(), server)

    return serve(listen=listen, register=[register], service_names=SERVICES, workers=workers)
