"""Puts the scheduler together."""

from dataclasses import dataclass
from http.server import ThreadingHTTPServer

import grpc
from ocpctl.external.external_scaler_pb2_grpc import add_ExternalScalerServicer_to_server
from ocpctl.internal.v1.identity_service_pb2_grpc import add_IdentityServiceServicer_to_server
from ocpctl.internal.v1.lease_service_pb2_grpc import add_LeaseServiceServicer_to_server
from ocpctl.internal.v1.request_service_pb2_grpc import add_RequestServiceServicer_to_server
from ocpctl.internal.v1.sweep_service_pb2_grpc import add_SweepServiceServicer_to_server
from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.session import session
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.server import Port, RunningServer, serve
from ocpctl_common.store import clocks, schema
from ocpctl_common.store.engine import Database
from ocpctl_common.store.opening import open_database
from ocpctl_common.telemetry import metrics

from ocpctl_scheduler import identities
from ocpctl_scheduler.job_metrics import JobMetrics, watch_outbox
from ocpctl_scheduler.pruning import Pruning
from ocpctl_scheduler.pruning import kinds as pruning_kinds
from ocpctl_scheduler.relay import Relay, job_routes
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.servicers.external_scaler import RunnableJobsServicer
from ocpctl_scheduler.servicers.identity import IdentityServicer
from ocpctl_scheduler.servicers.leases import LeaseServicer
from ocpctl_scheduler.servicers.requests import RequestServicer
from ocpctl_scheduler.servicers.sweeps import SweepServicer
from ocpctl_scheduler.settings import SchedulerSettings

INTERNAL = ("RequestService", "LeaseService", "SweepService", "IdentityService")
SERVICES = (*(f"ocpctl.internal.v1.{name}" for name in INTERNAL), "externalscaler.ExternalScaler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """A scheduler that answers."""

    server: RunningServer
    relay: Relay
    pruning: Pruning
    engine: Database
    metrics_server: ThreadingHTTPServer

    def stop(self, grace_seconds: float) -> None:
        """Lets calls and the relay's passes finish."""
        self.server.stop(grace_seconds)
        self.relay.stop(grace_seconds + 1)
        self.pruning.stop(1)
        self.metrics_server.shutdown()
        self.engine.dispose()


def start(settings: SchedulerSettings) -> Scheduler:
    """Starts everything. Raises BadCertificates, OSError when a port is taken."""
    port = Port(
        listen=settings.listen,
        tls=TlsFiles(settings.tls_dir),
        workers=settings.workers,
        connection_seconds=settings.connection_seconds,
    )
    queues = session()
    routes = job_routes({pool: JobQueue(queues, url) for pool, url in settings.queues.items()})
    # The calls, two for the threads of each route, which send most of the time, the look at the outbox, and pruning.
    connections = settings.workers + 2 * len(routes) + 2
    engine = open_database(settings, pool_size=connections, application_name="ocpctl-scheduler")
    relay = Relay(
        engine,
        routes,
        interval=settings.relay_interval_seconds,
        claim=settings.relay_claim_seconds,
    )
    pruning = Pruning(engine, pruning_kinds(log_days=settings.job_log_days, sample_days=settings.usage_sample_days))
    metrics_server = metrics.serve(settings.metrics_listen, ready=relay.is_alive, shown=metrics.SCHEDULER)
    schema.wait(engine)
    clocks.compare(engine)
    watch_outbox(engine, {route.destination.name for route in routes})
    identities.ensure_grants(engine, settings.initial_grants)
    server = serve_grpc(port, engine, settings.rules(), relay)
    relay.start()
    pruning.start()
    return Scheduler(server=server, relay=relay, pruning=pruning, engine=engine, metrics_server=metrics_server)


def serve_grpc(port: Port, engine: Database, rules: LeaseRules, relay: Relay) -> RunningServer:
    """All services on one port."""
    job_metrics = JobMetrics()

    def register(server: grpc.Server) -> None:
        add_RequestServiceServicer_to_server(RequestServicer(engine, rules, relay.wake), server)
        add_LeaseServiceServicer_to_server(LeaseServicer(engine, rules, job_metrics, relay.wake), server)
        add_SweepServiceServicer_to_server(SweepServicer(engine, rules, job_metrics, relay.wake), server)
        add_IdentityServiceServicer_to_server(IdentityServicer(engine), server)
        add_ExternalScalerServicer_to_server(RunnableJobsServicer(engine, rules), server)

    return serve(port, register=[register], service_names=SERVICES)
