"""All services of the gateway, each as the function that adds it to a server."""

from collections.abc import Callable, Iterator
from functools import partial

import grpc
from grpc_reflection.v1alpha.reflection_pb2_grpc import add_ServerReflectionServicer_to_server
from ocpctl.edge.v1.edge_service_pb2_grpc import add_EdgeServiceServicer_to_server
from ocpctl.external.ext_authz_pb2_grpc import add_AuthorizationServicer_to_server
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceStub
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

from ocpctl_api_gateway.dependencies import Dependencies
from ocpctl_api_gateway.identity.authentication import Authentication
from ocpctl_api_gateway.identity.check import RequestCheck
from ocpctl_api_gateway.identity.verifiers import request_identity, session_issuer
from ocpctl_api_gateway.identity_client import IdentityClient
from ocpctl_api_gateway.reads.audit_reads import AuditReads
from ocpctl_api_gateway.reads.cluster_reads import ClusterReads
from ocpctl_api_gateway.reads.identity_reads import IdentityReads
from ocpctl_api_gateway.reads.job_reads import JobReads
from ocpctl_api_gateway.reads.operator_reads import OperatorReads
from ocpctl_api_gateway.reads.usage_reads import UsageReads
from ocpctl_api_gateway.resources import Resources
from ocpctl_api_gateway.servicers.admin import AdminServicer
from ocpctl_api_gateway.servicers.audit import AuditServicer
from ocpctl_api_gateway.servicers.auth import AuthServicer
from ocpctl_api_gateway.servicers.clusters import ClusterServicer
from ocpctl_api_gateway.servicers.edge import EdgeServicer
from ocpctl_api_gateway.servicers.job_log import JobLog
from ocpctl_api_gateway.servicers.jobs_and_profiles import JobServicer, ProfileServicer
from ocpctl_api_gateway.servicers.reflection import Reflection
from ocpctl_api_gateway.servicers.reports import ReportServicer
from ocpctl_api_gateway.servicers.role_bindings import RoleBindingServicer
from ocpctl_api_gateway.settings import GatewaySettings

Registration = Callable[[grpc.Server], object]


def registrations(settings: GatewaySettings, resources: Resources) -> Iterator[Registration]:
    """Raises CatalogueError, OSError or ValueError for a file that is missing or wrong."""
    dependencies = _dependencies(settings, resources)
    yield from _cluster_services(settings, resources, dependencies)
    yield from _identity_services(settings, resources, dependencies.authentication)
    engine, streams = resources.engine, resources.streams
    admin = AdminServicer(dependencies, OperatorReads(engine))
    audit = AuditServicer(dependencies, AuditReads(engine), streams)
    reports = ReportServicer(dependencies.authentication, UsageReads(engine))
    yield partial(add_AdminServiceServicer_to_server, admin)
    yield partial(add_AuditServiceServicer_to_server, audit)
    yield partial(add_ReportServiceServicer_to_server, reports)
    yield partial(add_ServerReflectionServicer_to_server, Reflection(streams))


def _dependencies(settings: GatewaySettings, resources: Resources) -> Dependencies:
    return Dependencies(
        authentication=Authentication(resources.scheduler, resources.session_cache, resources.refusals),
        clusters=ClusterReads(resources.engine, resources.scheduler),
        scheduler=resources.scheduler,
        artifacts=ArtifactStore(session(), settings.bucket),
        catalogue=load_catalogue(settings.profiles_dir),
        clock=utc_now,
    )


def _cluster_services(
    settings: GatewaySettings, resources: Resources, dependencies: Dependencies
) -> Iterator[Registration]:
    """Clusters, jobs and profiles."""
    authentication, reads = dependencies.authentication, JobReads(resources.engine, resources.scheduler)
    log = JobLog(reads, utc_now, poll_seconds=settings.log_poll_seconds, beat_seconds=settings.log_heartbeat_seconds)
    jobs = JobServicer(authentication, reads, log, resources.streams)
    profiles = ProfileServicer(authentication, dependencies.catalogue)
    clusters = ClusterServicer(dependencies)
    yield partial(add_ClusterServiceServicer_to_server, clusters)
    yield partial(add_EdgeServiceServicer_to_server, EdgeServicer(clusters))
    yield partial(add_JobServiceServicer_to_server, jobs)
    yield partial(add_ProfileServiceServicer_to_server, profiles)


def _identity_services(
    settings: GatewaySettings, resources: Resources, authentication: Authentication
) -> Iterator[Registration]:
    """Signing in, roles, and Envoy's check of each request."""
    identities, reads = IdentityClient(IdentityServiceStub(resources.channel)), IdentityReads(resources.engine)
    auth = AuthServicer(authentication, reads, session_issuer(settings, identities), settings.sts_regions)
    roles = RoleBindingServicer(authentication, reads, identities)
    check = RequestCheck(request_identity(settings), resources.refusals)
    yield partial(add_AuthServiceServicer_to_server, auth)
    yield partial(add_AccessServiceServicer_to_server, roles)
    yield partial(add_AuthorizationServicer_to_server, check)
