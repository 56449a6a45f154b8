"""Puts the gateway together."""

from dataclasses import dataclass
from datetime import timedelta
from http.server import ThreadingHTTPServer

import grpc
from ocpctl.external.ext_authz_pb2_grpc import add_AuthorizationServicer_to_server
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl.v1.access_service_pb2_grpc import add_AccessServiceServicer_to_server
from ocpctl.v1.admin_service_pb2_grpc import add_AdminServiceServicer_to_server
from ocpctl.v1.auth_service_pb2_grpc import add_AuthServiceServicer_to_server
from ocpctl.v1.cluster_service_pb2_grpc import add_ClusterServiceServicer_to_server
from ocpctl.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from ocpctl.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.session import session
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.rpc.server import Port, RunningServer, serve
from ocpctl_common.sigv4.keys import KeyRing
from ocpctl_common.store.engine import Database, make_engine
from ocpctl_common.sts.aws import AwsVerifier
from ocpctl_common.sts.identity import IdentityVerifier
from ocpctl_common.sts.local import LocalVerifier
from ocpctl_common.telemetry import metrics

from ocpctl_api_gateway.access import AccessServicer
from ocpctl_api_gateway.admin import AdminServicer
from ocpctl_api_gateway.auth import AuthPorts, AuthServicer
from ocpctl_api_gateway.check import RequestCheck, RequestIdentity
from ocpctl_api_gateway.clusters import ClusterServicer, Ports
from ocpctl_api_gateway.contract import SERVICES
from ocpctl_api_gateway.door import Door
from ocpctl_api_gateway.identity_port import IdentityPort
from ocpctl_api_gateway.jobs_and_profiles import JobServicer, ProfileServicer
from ocpctl_api_gateway.reading import Reader
from ocpctl_api_gateway.register import Register
from ocpctl_api_gateway.scheduler_port import SchedulerPort
from ocpctl_api_gateway.sessions import Sessions
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_api_gateway.signing import SigningKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that answers."""

    server: RunningServer
    engine: Database
    channel: grpc.Channel
    register: Register
    metrics_server: ThreadingHTTPServer

    def stop(self, grace_seconds: float) -> None:
        """Lets calls finish."""
        self.server.stop(grace_seconds)
        self.metrics_server.shutdown()
        self.register.stop()
        self.channel.close()
        self.engine.dispose()


def start(settings: GatewaySettings) -> Gateway:
    """Starts everything. Raises CatalogueError for wrong profiles, BadCertificates, OSError when a port is taken."""
    tls = TlsFiles(settings.tls_dir)
    port = Port(
        listen=settings.listen,
        tls=tls,
        workers=settings.workers,
        connection_seconds=settings.connection_seconds,
    )
    catalogue = load_catalogue(settings.profiles_dir)
    engine = make_engine(
        settings.database_url, pool_size=settings.database_connections, application_name="ocpctl-api-gateway"
    )
    to_scheduler = channel(settings.scheduler_target, tls=tls, server_name=SCHEDULER)
    scheduler = SchedulerPort(RequestServiceStub(to_scheduler))
    register = Register(engine, interval=settings.register_seconds, clock=utc_now)
    door = Door(scheduler, register)
    ports = Ports(
        door=door,
        reader=Reader(engine),
        scheduler=scheduler,
        artifacts=ArtifactStore(session(), settings.bucket),
        catalogue=catalogue,
        clock=utc_now,
    )
    sessions = _sessions(settings, IdentityPort(IdentityServiceStub(to_scheduler)))
    auth = AuthPorts(door=door, engine=engine, sessions=sessions, regions=settings.sts_regions)
    check = RequestCheck(_request_identity(settings), scheduler)
    register.start()
    metrics_server = metrics.serve(settings.metrics_listen, ready=register.is_fresh)
    server = serve_grpc(port, ports, auth, check)
    return Gateway(server=server, engine=engine, channel=to_scheduler, register=register, metrics_server=metrics_server)


def _sessions(settings: GatewaySettings, scheduler: IdentityPort) -> Sessions:
    return Sessions(
        verifier=_verifier(settings),
        scheduler=scheduler,
        keys=SigningKeys(settings.signing_keys_file, utc_now),
        clock=utc_now,
        audience=settings.audience,
        life=timedelta(seconds=settings.session_seconds),
    )


def _verifier(settings: GatewaySettings) -> IdentityVerifier:
    """AWS, or in development our own book of keys."""
    if settings.local_access_keys_file is None:
        return AwsVerifier(audience=settings.audience, regions=settings.sts_regions)
    return LocalVerifier(
        KeyRing.load(settings.local_access_keys_file),
        endpoint_url=settings.aws_endpoint_url,
        environment=settings.environment,
        audience=settings.audience,
        regions=settings.sts_regions,
    )


def _request_identity(settings: GatewaySettings) -> RequestIdentity:
    keys = KeyRing.load(settings.local_access_keys_file) if settings.local_access_keys_file else KeyRing(())
    return RequestIdentity(keys=keys, regions=settings.sts_regions, front_peer=settings.front_peer, clock=utc_now)


def serve_grpc(port: Port, ports: Ports, auth: AuthPorts, check: RequestCheck) -> RunningServer:
    """The public services and Envoy's check on one port."""

    def register(server: grpc.Server) -> None:
        add_ClusterServiceServicer_to_server(ClusterServicer(ports), server)
        add_JobServiceServicer_to_server(JobServicer(ports), server)
        add_ProfileServiceServicer_to_server(ProfileServicer(ports), server)
        add_AdminServiceServicer_to_server(AdminServicer(ports.door, auth.engine), server)
        add_AuthServiceServicer_to_server(AuthServicer(auth), server)
        access = AccessServicer(ports.door, auth.engine, auth.sessions.scheduler)
        add_AccessServiceServicer_to_server(access, server)
        add_AuthorizationServicer_to_server(check, server)

    return serve(port, register=[register], service_names=SERVICES)
