"""Puts the runner together."""

import fcntl
import shutil
import threading
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import IO

import grpc
import structlog
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceStub
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.cloud.session import session
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.providers.cloud import Account
from ocpctl_common.providers.registry import Clouds
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.telemetry import metrics

from ocpctl_installer_runner import fitness_checks
from ocpctl_installer_runner.attempt import Tools
from ocpctl_installer_runner.dispatch_consumer import Doorbell
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.installer import process_tree, watchdog
from ocpctl_installer_runner.installer.failure_rules import Rule, load_rules
from ocpctl_installer_runner.presence import IdInUse, Presence
from ocpctl_installer_runner.runs import Runs
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots
from ocpctl_installer_runner.translation.lease_port import LeasePort

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A runner that listens."""

    settings: RunnerSettings
    slots: Slots
    doorbells: tuple[Doorbell, ...]
    presence: Presence
    runs: Runs
    fitness: Fitness
    channel: grpc.Channel
    metrics_server: ThreadingHTTPServer
    work_dir_lock: IO[str]

    def stop(self, grace_seconds: float) -> None:
        """Takes no more work, lets installs go on for the drain time, then stops them in order."""
        interrupt = threading.Timer(self.settings.drain_seconds, self.runs.interrupt)
        interrupt.start()
        self.slots.close()
        for doorbell in self.doorbells:
            doorbell.join()
        self.slots.join()
        interrupt.cancel()
        self.presence.end()
        self.fitness.end()
        self.metrics_server.shutdown()
        self.channel.close()
        self.work_dir_lock.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Who:
    """What the doorbell says of this process."""

    presence: Presence
    account: Account
    fitness: Fitness

    @property
    def instance_id(self) -> str:
        return self.presence.instance_id

    def accepts(self, pool: Pool) -> bool:
        return self.presence.accepted and self.is_fit(pool)

    def is_fit(self, pool: Pool) -> bool:
        """Destroys are always taken."""
        return pool is not Pool.CREATES or self.fitness.is_fit()

    @property
    def claim_seconds(self) -> int:
        return self.presence.claim_seconds

    def account_id(self) -> str:
        return self.account.last_known()


def start(settings: RunnerSettings) -> Runner:
    """Cleans up after a predecessor that was killed, makes sure of the id, then listens.

    Raises IdInUse, BadCertificates, CatalogueError.
    """
    rules = load_rules(settings.failure_rules)
    versions = fitness_checks.allowed_versions(settings.profiles_dir) if settings.profiles_dir else frozenset[str]()
    if settings.pid_namespace and not watchdog.namespaces_allowed():
        log.warning("no PID namespace: the host refuses it, so installers are ended by a walk over their processes")
    only_one = _own(settings.work_dir)
    _sweep(settings)
    clouds, queues = Clouds.connect(), session()
    to_scheduler = channel(settings.scheduler_target, tls=TlsFiles(settings.tls_dir), server_name=SCHEDULER)
    port = LeasePort(LeaseServiceStub(to_scheduler))
    fitness = Fitness(lambda: fitness_checks.troubles(tools, versions), interval=settings.fitness_seconds)
    tools = _tools(settings, port, clouds, rules, fitness)
    runs = Runs(tools)
    presence = Presence(port, settings, runs.busy)
    who = _Who(presence=presence, account=clouds.only.account, fitness=fitness)
    slots = Slots(runs.work, slots=settings.slots, reserved=settings.reserved)
    doorbells = tuple(
        Doorbell(pool, JobQueue(queues, url), port, who, slots, settings) for pool, url in settings.queues.items()
    )
    metrics.busy_slots.set_function(runs.busy)
    metrics_server = metrics.serve(
        settings.metrics_listen,
        ready=lambda: all(bell.is_alive() for bell in doorbells) and all(map(who.is_fit, settings.queues)),
        shown=metrics.RUNNER,
    )
    fitness.begin()
    presence.begin()
    for doorbell in doorbells:
        doorbell.start()
    return Runner(
        settings=settings,
        slots=slots,
        doorbells=doorbells,
        presence=presence,
        runs=runs,
        fitness=fitness,
        channel=to_scheduler,
        metrics_server=metrics_server,
        work_dir_lock=only_one,
    )


def _tools(
    settings: RunnerSettings,
    port: LeasePort,
    clouds: Clouds,
    rules: tuple[Rule, ...],
    fitness: Fitness,
) -> Tools:
    stores = session()
    return Tools(
        settings=settings,
        port=port,
        artifacts=ArtifactStore(stores, settings.bucket),
        secrets=SecretStore(stores),
        clouds=clouds,
        rules=rules,
        clock=utc_now,
        fitness=fitness,
    )


def _own(work_dir: Path) -> IO[str]:
    """Locks the work directory: two processes in it would sweep each other's attempts. Raises IdInUse."""
    work_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (work_dir / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise IdInUse(f"another runner works in {work_dir}; set another OCPCTL_WORK_DIR") from error
    return lock


def _sweep(settings: RunnerSettings) -> None:
    """A killed predecessor's directories: their trees are dead or die now, their secrets go."""
    for left in settings.work_dir.glob("att_*"):
        log.warning("cleaning up after a killed runner", attempt_id=left.name)
        process_tree.kill(left.name)
        shutil.rmtree(left, ignore_errors=True)
