"""Puts the janitor together."""

from collections.abc import Sequence
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

import grpc
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.store import clocks, schema
from ocpctl_common.store.engine import Database
from ocpctl_common.store.opening import open_database
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.loop import Loop
from ocpctl_janitor.passes import Dependencies
from ocpctl_janitor.settings import JanitorSettings
from ocpctl_janitor.sweeps import SWEEPS


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
    """Starts all sweeps. Raises BadCertificates, UnusableSource."""
    engine = open_database(settings, pool_size=4, application_name="ocpctl-janitor")
    to_scheduler = channel(settings.scheduler_target, tls=TlsFiles(settings.tls_dir), server_name=SCHEDULER)
    loops = _loops(Dependencies(settings=settings, engine=engine, scheduler=SweepServiceStub(to_scheduler)))
    metrics_server = metrics.serve(
        settings.metrics_listen, ready=lambda: all(loop.is_alive() for loop in loops), shown=metrics.JANITOR
    )
    schema.wait(engine)
    clocks.compare(engine)
    for loop in loops:
        loop.start()
    return Janitor(loops=loops, engine=engine, channel=to_scheduler, metrics_server=metrics_server)


def _loops(on: Dependencies) -> list[Loop]:
    return [Loop(sweep.name, sweep.begin(on), on.settings.pause(sweep.name)) for sweep in SWEEPS]
