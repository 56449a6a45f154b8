"""Puts the janitor together."""

from collections.abc import Sequence
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

import grpc
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.session import session
from ocpctl_common.providers.registry import Clouds
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.store.engine import Database, make_engine
from ocpctl_common.telemetry import metrics

from ocpctl_janitor import sweeps
from ocpctl_janitor.dead_letters import DeadLetters
from ocpctl_janitor.loop import Loop
from ocpctl_janitor.orphans.sweep import OrphanSweep
from ocpctl_janitor.owners import owners
from ocpctl_janitor.settings import JanitorSettings
from ocpctl_janitor.usage import UsageSampler


@dataclass(frozen=True, slots=True, kw_only=True)
class Janitor:
    """A janitor that sweeps."""

    loops: Sequence[Loop]
    engine: Database
    channel: grpc.Channel
    metrics_server: ThreadingHTTPServer

    def stop(self, grace_seconds: float) -> None:
        """Lets the current passes finish."""
        for loop in self.loops:
            loop.stop(grace_seconds)
        self.metrics_server.shutdown()
        self.channel.close()
        self.engine.dispose()


def start(settings: JanitorSettings) -> Janitor:
    """Starts all sweeps. Raises BadCertificates."""
    engine = make_engine(settings.database_url, pool_size=4, application_name="ocpctl-janitor")
    to_scheduler = channel(settings.scheduler_target, tls=TlsFiles(settings.tls_dir), server_name=SCHEDULER)
    loops = _loops(settings, engine, SweepServiceStub(to_scheduler))
    metrics_server = metrics.serve(
        settings.metrics_listen, ready=lambda: all(loop.is_alive() for loop in loops), shown=metrics.JANITOR
    )
    for loop in loops:
        loop.start()
    return Janitor(loops=loops, engine=engine, channel=to_scheduler, metrics_server=metrics_server)


def _loops(settings: JanitorSettings, engine: Database, stub: SweepServiceStub) -> list[Loop]:
    batch = settings.batch
    letters = JobQueue(session(), settings.dead_letter_queue_url)
    take_overs = sweeps.take_overs(engine, stub, batch=batch)
    rings = sweeps.rings(engine, stub, silence=settings.ring_silence_seconds, batch=batch)
    return [
        Loop(take_overs, settings.takeover_interval_seconds),
        Loop(sweeps.expiries(engine, stub, batch=batch), settings.expiry_interval_seconds),
        Loop(rings, settings.ring_interval_seconds),
        Loop(sweeps.looks(engine, stub, batch=batch), settings.look_interval_seconds),
        Loop(owners(engine, stub, batch=batch), settings.owner_interval_seconds),
        Loop(DeadLetters(letters, stub), settings.dead_letter_interval_seconds),
        Loop(sweeps.ClusterGauge(engine), settings.gauge_interval_seconds),
        Loop(UsageSampler(stub, interval_seconds=settings.usage_interval_seconds), settings.usage_interval_seconds),
        Loop(_orphans(settings, engine, stub), settings.orphan_interval_seconds),
    ]


def _orphans(settings: JanitorSettings, engine: Database, stub: SweepServiceStub) -> OrphanSweep:
    return OrphanSweep(
        engine,
        stub,
        Clouds.connect(),
        grace_seconds=settings.orphan_grace_seconds,
        apart_seconds=settings.orphan_interval_seconds / 2,
    )
