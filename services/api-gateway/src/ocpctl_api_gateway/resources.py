"""What a gateway opens when it starts, and closes when it stops."""

from dataclasses import dataclass

import grpc
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl_common.clock import utc_now
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.store.engine import Database
from ocpctl_common.store.opening import open_database

from ocpctl_api_gateway.identity.refusals import Refusals
from ocpctl_api_gateway.identity.session_cache import SessionCache
from ocpctl_api_gateway.scheduler_client import SchedulerClient
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_api_gateway.streams import StreamLimits, Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Connections, background threads, and the running streams."""

    engine: Database
    channel: grpc.Channel
    scheduler: SchedulerClient
    session_cache: SessionCache
    refusals: Refusals
    streams: Streams

    def start(self) -> None:
        """Starts the background threads."""
        self.session_cache.start()
        self.refusals.start()

    def close(self) -> None:
        """Call when no call runs any more: the last refusals are audited before the channel is closed."""
        self.session_cache.stop()
        self.refusals.stop()
        self.channel.close()
        self.engine.dispose()


def open_resources(settings: GatewaySettings, tls: TlsFiles) -> Resources:
    """Connects to nothing yet. Raises BadCertificates."""
    engine = open_database(settings, pool_size=settings.database_connections, application_name="ocpctl-api-gateway")
    to_scheduler = channel(settings.scheduler_target, tls=tls, server_name=SCHEDULER)
    scheduler = SchedulerClient(RequestServiceStub(to_scheduler))
    session_cache = SessionCache(engine, interval=settings.session_cache_seconds, clock=utc_now)
    return Resources(
        engine=engine,
        channel=to_scheduler,
        scheduler=scheduler,
        session_cache=session_cache,
        refusals=Refusals(scheduler),
        streams=Streams(_stream_limits(settings), session_cache.is_revoked),
    )


def _stream_limits(settings: GatewaySettings) -> StreamLimits:
    return StreamLimits(
        at_once=settings.streams, per_caller=settings.streams_per_caller, seconds=settings.stream_seconds
    )
