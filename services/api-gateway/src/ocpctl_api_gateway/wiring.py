"""Puts the gateway together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer

import grpc
from grpc_reflection.v1alpha.reflection_pb2_grpc import add_ServerReflectionServicer_to_server
from ocpctl.external.ext_authz_pb2_grpc import add_AuthorizationServicer_to_server
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl.v1.access_service_pb2_grpc import add_AccessServiceServicer_to_server
from ocpctl.v1.admin_service_pb2_grpc import add_AdminServiceServicer_to_server
from ocpctl.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from ocpctl.v1.auth_service_pb2_grpc import add_AuthServiceServicer_to_server
from ocpctl.v1.cluster_service_pb2_grpc import add_ClusterServiceServicer_to_server
from ocpctl.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from ocpctl.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from ocpctl.v1.report_service_pb2_grpc import add_ReportServiceServicer_to_server
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.session import session
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.rpc.server import Port, RunningServer, serve
from ocpctl_common.store.engine import Database, make_engine
from ocpctl_common.telemetry import metrics

from ocpctl_api_gateway.contract import SERVICES
from ocpctl_api_gateway.identity.check import RequestCheck
from ocpctl_api_gateway.identity.door import Door
from ocpctl_api_gateway.identity.refusals import Refusals
from ocpctl_api_gateway.identity.register import Register
from ocpctl_api_gateway.identity.verifiers import make_sessions, request_identity
from ocpctl_api_gateway.identity_port import IdentityPort
from ocpctl_api_gateway.ports import Ports
from ocpctl_api_gateway.reads.reader import Reader
from ocpctl_api_gateway.scheduler_port import SchedulerPort
from ocpctl_api_gateway.servicers.access import AccessServicer
from ocpctl_api_gateway.servicers.admin import AdminServicer
from ocpctl_api_gateway.servicers.audit import AuditServicer
from ocpctl_api_gateway.servicers.auth import AuthPorts, AuthServicer
from ocpctl_api_gateway.servicers.clusters import ClusterServicer
from ocpctl_api_gateway.servicers.job_log import JobLog
from ocpctl_api_gateway.servicers.jobs_and_profiles import JobServicer, ProfileServicer
from ocpctl_api_gateway.servicers.reflection import Reflection
from ocpctl_api_gateway.servicers.reports import ReportServicer
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_api_gateway.streams import StreamLimits, Streams

Registration = Callable[[grpc.Server], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that answers."""

    server: RunningServer
    streams: Streams
    engine: Database
    channel: grpc.Channel
    register: Register
    refusals: Refusals
    metrics_server: ThreadingHTTPServer

    def stop(self, grace_seconds: float) -> None:
        """Lets calls finish; streams are told to end."""
        self.streams.stop()
        self.server.stop(grace_seconds)
        self.metrics_server.shutdown()
        self.register.stop()
        self.refusals.stop()
        self.channel.close()
        self.engine.dispose()


def start(settings: GatewaySettings) -> Gateway:
    """Starts everything.

    Raises CatalogueError for wrong profiles, BadCertificates, OSError when a port is taken or a file of keys is
    missing, ValueError when one is wrong.
    """
    tls = TlsFiles(settings.tls_dir)
    engine = make_engine(
        settings.database_url, pool_size=settings.database_connections, application_name="ocpctl-api-gateway"
    )
    to_scheduler = channel(settings.scheduler_target, tls=tls, server_name=SCHEDULER)
    register = Register(engine, interval=settings.register_seconds, clock=utc_now)
    streams = Streams(
        StreamLimits(at_once=settings.streams, per_caller=settings.streams_per_caller, seconds=settings.stream_seconds),
        register.is_revoked,
    )
    scheduler = SchedulerPort(RequestServiceStub(to_scheduler))
    refusals = Refusals(scheduler)
    identities = IdentityPort(IdentityServiceStub(to_scheduler))
    door = Door(scheduler, register, refusals)
    ports = _ports(settings, engine, scheduler, door)
    registrations: list[Registration] = [
        *_servicers(settings, ports, engine, identities, streams),
        partial(add_ServerReflectionServicer_to_server, Reflection(streams)),
        partial(add_AuthorizationServicer_to_server, RequestCheck(request_identity(settings), refusals)),
    ]
    register.start()
    refusals.start()
    metrics_server = metrics.serve(settings.metrics_listen, ready=register.is_fresh, shown=metrics.GATEWAY)
    server = serve(_port(settings, tls), register=registrations, service_names=SERVICES)
    return Gateway(
        server=server,
        streams=streams,
        engine=engine,
        channel=to_scheduler,
        register=register,
        refusals=refusals,
        metrics_server=metrics_server,
    )


def _port(settings: GatewaySettings, tls: TlsFiles) -> Port:
    return Port(
        listen=settings.listen, tls=tls, workers=settings.workers, connection_seconds=settings.connection_seconds
    )


def _ports(settings: GatewaySettings, engine: Database, scheduler: SchedulerPort, door: Door) -> Ports:
    return Ports(
        door=door,
        reader=Reader(engine, scheduler),
        scheduler=scheduler,
        artifacts=ArtifactStore(session(), settings.bucket),
        catalogue=load_catalogue(settings.profiles_dir),
        clock=utc_now,
    )


def _servicers(
    settings: GatewaySettings, ports: Ports, engine: Database, identities: IdentityPort, streams: Streams
) -> Iterator[Registration]:
    """The public services."""
    door, sessions = ports.door, make_sessions(settings, identities)
    auth = AuthPorts(door=door, engine=engine, sessions=sessions, regions=settings.sts_regions)
    job_log = JobLog(
        engine, utc_now, poll_seconds=settings.log_poll_seconds, beat_seconds=settings.log_heartbeat_seconds
    )
    yield partial(add_ClusterServiceServicer_to_server, ClusterServicer(ports))
    yield partial(add_JobServiceServicer_to_server, JobServicer(ports, job_log, streams))
    yield partial(add_ProfileServiceServicer_to_server, ProfileServicer(ports))
    yield partial(add_AdminServiceServicer_to_server, AdminServicer(ports, engine))
    yield partial(add_AuditServiceServicer_to_server, AuditServicer(ports, engine, streams))
    yield partial(add_ReportServiceServicer_to_server, ReportServicer(door, engine))
    yield partial(add_AuthServiceServicer_to_server, AuthServicer(auth))
    yield partial(add_AccessServiceServicer_to_server, AccessServicer(door, engine, identities))
