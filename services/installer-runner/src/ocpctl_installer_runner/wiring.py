"""Puts the runner together."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer

import grpc
import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceStub
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.cloud.session import session
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.rpc import context
from ocpctl_common.rpc.client import channel
from ocpctl_common.telemetry import metrics, traces

from ocpctl_installer_runner import run
from ocpctl_installer_runner.attempt import Attempt, Tools
from ocpctl_installer_runner.doorbell import Doorbell
from ocpctl_installer_runner.installer import tree
from ocpctl_installer_runner.installer.failures import load_rules
from ocpctl_installer_runner.lease import Lease, LeaseTimes
from ocpctl_installer_runner.lease_port import LeasePort
from ocpctl_installer_runner.settings import RunnerSettings

log = structlog.get_logger()


class Runs:
    """The runs of this process; all of them are told when it shuts down."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._lock = threading.Lock()
        self._leases: set[Lease] = set()

    def work(self, grant: pb.Grant, asked_at: float) -> None:
        """One run in a slot's thread."""
        settings = self._tools.settings
        times = LeaseTimes(heartbeat=settings.heartbeat_seconds, trust=settings.trust_seconds)
        keys = {"cluster_id": grant.cluster_id, "job_id": grant.job_id, "attempt_id": grant.attempt_id}
        lease = Lease(self._tools.port, grant, settings.runner_id, times, asked_at)
        span = traces.linked_span(f"run {grant.job_type}", grant.traceparent, **keys)
        with context.bind(grant.correlation_id, **keys), span, lease, self._known(lease):
            log.info("run begins", job_type=grant.job_type, attempt=grant.attempt_number, fence=grant.fence)
            spec = ResolvedSpec.from_json(grant.spec_json)
            run.run(Attempt(grant=grant, spec=spec, lease=lease, tools=self._tools))

    @contextmanager
    def _known(self, lease: Lease) -> Iterator[None]:
        """Remembers a lease while its run goes on."""
        with self._lock:
            self._leases.add(lease)
        try:
            yield
        finally:
            with self._lock:
                self._leases.discard(lease)

    def interrupt(self) -> None:
        """Stops all installs in order."""
        with self._lock:
            for lease in self._leases:
                lease.interrupt()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A runner that listens."""

    settings: RunnerSettings
    doorbell: Doorbell
    runs: Runs
    channel: grpc.Channel
    metrics_server: ThreadingHTTPServer

    def stop(self, grace_seconds: float) -> None:
        """Takes no more work, lets installs go on for the drain time, then stops them in order."""
        interrupt = threading.Timer(self.settings.drain_seconds, self.runs.interrupt)
        interrupt.start()
        self.doorbell.stop()
        self.doorbell.join()
        interrupt.cancel()
        self.metrics_server.shutdown()
        self.channel.close()


def start(settings: RunnerSettings) -> Runner:
    """Cleans up after a predecessor that was killed, then listens."""
    _sweep(settings)
    aws = session()
    to_scheduler = channel(settings.scheduler_target)
    port = LeasePort(LeaseServiceStub(to_scheduler), patience=settings.trust_seconds)
    tools = Tools(
        settings=settings,
        port=port,
        artifacts=ArtifactStore(aws, settings.bucket),
        secrets=SecretStore(aws),
        aws=aws,
        rules=load_rules(),
        clock=utc_now,
    )
    runs = Runs(tools)
    doorbell = Doorbell(JobQueue(aws, settings.queue_url), port, runs.work, settings)
    metrics_server = metrics.serve(settings.metrics_listen, ready=doorbell.is_alive)
    doorbell.start()
    return Runner(settings=settings, doorbell=doorbell, runs=runs, channel=to_scheduler, metrics_server=metrics_server)


def _sweep(settings: RunnerSettings) -> None:
    """A killed predecessor's directories: their trees are dead or die now, their secrets go."""
    settings.work_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in settings.work_dir.iterdir():
        log.warning("cleaning up after a killed runner", attempt_id=left.name)
        tree.kill(left.name)
        shutil.rmtree(left, ignore_errors=True)
