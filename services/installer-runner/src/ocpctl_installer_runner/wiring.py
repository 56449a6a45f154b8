"""Puts the runner together."""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from http.server import ThreadingHTTPServer
from typing import IO

import grpc
import structlog
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.cloud.session import session
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.providers.registry import Clouds
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.telemetry import metrics

from ocpctl_installer_runner import fitness_checks, work_dir
from ocpctl_installer_runner.dispatch_consumer import DispatchConsumer
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.installer import watchdog
from ocpctl_installer_runner.installer.failure_rules import Rule, load_rules
from ocpctl_installer_runner.lease_requester import LeaseRequester
from ocpctl_installer_runner.one_job import OneJob
from ocpctl_installer_runner.presence import Presence
from ocpctl_installer_runner.run_dependencies import Dependencies
from ocpctl_installer_runner.runner import Runner
from ocpctl_installer_runner.runs import Runs
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots
from ocpctl_installer_runner.translation.lease_port import LeasePort

log = structlog.get_logger()


def start(settings: RunnerSettings) -> Runner:
    """Returns a runner that takes work. What a killed predecessor left is removed before.

    Raises IdInUse, UnusableWorkDir, BadRules, BadCertificates, CatalogueError, UnusableSource.
    """
    runner = _assemble(settings, once=False)
    runner.begin()
    return runner


def start_once(settings: RunnerSettings, ended: threading.Event) -> OneJob:
    """Returns a runner that takes one job and sets `ended` when it has ended. Raises what `start` raises."""
    one_job = OneJob(_assemble(settings.for_one_job(), once=True), ended)
    one_job.begin()
    return one_job


def _assemble(settings: RunnerSettings, *, once: bool) -> Runner:
    rules = load_rules(settings.failure_rules)
    versions = fitness_checks.allowed_versions(settings)
    _warn_without_pid_namespace(settings)
    lock = work_dir.lock(settings.work_dir)
    work_dir.remove_leftovers(settings.work_dir)
    to_scheduler = channel(settings.scheduler_target, tls=TlsFiles(settings.tls_dir), server_name=SCHEDULER)
    dependencies = _dependencies(settings, LeasePort(to_scheduler), rules, versions)
    return _runner(dependencies, to_scheduler, lock, once=once)


def _warn_without_pid_namespace(settings: RunnerSettings) -> None:
    if settings.pid_namespace and not watchdog.namespaces_allowed():
        log.warning("no PID namespace on this host: installers are killed by a walk over their processes")


def _dependencies(
    settings: RunnerSettings, port: LeasePort, rules: tuple[Rule, ...], versions: frozenset[str]
) -> Dependencies:
    # The checks use the dependencies, which hold the fitness: they are looked up when the first check runs.
    fitness = Fitness(lambda: fitness_checks.faults(dependencies, versions), interval=settings.fitness_seconds)
    stores = session()
    dependencies = Dependencies(
        settings=settings,
        port=port,
        artifacts=ArtifactStore(stores, settings.bucket),
        secrets=SecretStore(stores),
        clouds=Clouds.connect(settings.cluster_role),
        rules=rules,
        clock=utc_now,
        fitness=fitness,
    )
    return dependencies


def _runner(dependencies: Dependencies, to_scheduler: grpc.Channel, lock: IO[str], *, once: bool) -> Runner:
    settings, fitness = dependencies.settings, dependencies.fitness
    runs = Runs(dependencies)
    presence = Presence(dependencies.port, settings, runs.busy)
    requester = LeaseRequester(presence=presence, account=dependencies.clouds.only.account, fitness=fitness)
    slots = Slots(runs.work, slots=settings.slots, reserved=settings.reserved, once=once)
    consumers = _consumers(dependencies, requester, slots)
    takes_work = partial(_is_ready, consumers, requester, settings.queues)
    metrics.busy_slots.set_function(runs.busy)
    return Runner(
        settings=settings,
        slots=slots,
        consumers=consumers,
        requester=requester,
        presence=presence,
        runs=runs,
        fitness=fitness,
        channel=to_scheduler,
        metrics_server=_metrics_server(settings, slots.closed.is_set if once else takes_work),
        work_dir_lock=lock,
    )


def _consumers(dependencies: Dependencies, requester: LeaseRequester, slots: Slots) -> Sequence[DispatchConsumer]:
    settings, queues = dependencies.settings, session()
    return tuple(
        DispatchConsumer(pool, JobQueue(queues, url), dependencies.port, requester, slots, settings)
        for pool, url in settings.queues.items()
    )


def _metrics_server(settings: RunnerSettings, ready: Callable[[], bool]) -> ThreadingHTTPServer:
    """A runner for one job is ready when it has its job: until then its starter knows that a job waits for it."""
    return metrics.serve(settings.metrics_listen, ready=ready, shown=metrics.RUNNER)


def _is_ready(consumers: Sequence[DispatchConsumer], requester: LeaseRequester, pools: Iterable[Pool]) -> bool:
    return all(consumer.is_alive() for consumer in consumers) and all(map(requester.is_fit, pools))
