"""Puts the runner together."""

from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from typing import IO

import boto3
import grpc
import structlog
from ocpctl_common.clock import utc_now
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.identity import CallerAccount
from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.resources.clients import Clients
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.cloud.session import session
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

    Raises IdInUse, BadRules, BadCertificates, CatalogueError.
    """
    rules = load_rules(settings.failure_rules)
    versions = fitness_checks.allowed_versions(settings)
    _warn_without_pid_namespace(settings)
    lock = work_dir.lock(settings.work_dir)
    work_dir.remove_leftovers(settings.work_dir)
    to_scheduler = channel(settings.scheduler_target, tls=TlsFiles(settings.tls_dir), server_name=SCHEDULER)
    aws = session()
    dependencies = _dependencies(settings, aws, LeasePort(to_scheduler), rules, versions)
    runner = _runner(dependencies, aws, to_scheduler, lock)
    runner.begin()
    return runner


def _warn_without_pid_namespace(settings: RunnerSettings) -> None:
    if settings.pid_namespace and not watchdog.namespaces_allowed():
        log.warning("no PID namespace on this host: installers are killed by a walk over their processes")


def _dependencies(
    settings: RunnerSettings, aws: boto3.Session, port: LeasePort, rules: tuple[Rule, ...], versions: frozenset[str]
) -> Dependencies:
    # The checks use the dependencies, which hold the fitness: they are looked up when the first check runs.
    fitness = Fitness(lambda: fitness_checks.faults(dependencies, aws, versions), interval=settings.fitness_seconds)
    dependencies = Dependencies(
        settings=settings,
        port=port,
        artifacts=ArtifactStore(aws, settings.bucket),
        secrets=SecretStore(aws),
        account=CallerAccount(aws),
        clients=Clients(aws),
        rules=rules,
        clock=utc_now,
        fitness=fitness,
    )
    return dependencies


def _runner(dependencies: Dependencies, aws: boto3.Session, to_scheduler: grpc.Channel, lock: IO[str]) -> Runner:
    settings, fitness = dependencies.settings, dependencies.fitness
    runs = Runs(dependencies)
    presence = Presence(dependencies.port, settings, runs.busy)
    requester = LeaseRequester(presence=presence, account=dependencies.account, fitness=fitness)
    slots = Slots(runs.work, slots=settings.slots, reserved=settings.reserved)
    consumers = _consumers(dependencies, aws, requester, slots)
    metrics.busy_slots.set_function(runs.busy)
    return Runner(
        settings=settings,
        slots=slots,
        consumers=consumers,
        presence=presence,
        runs=runs,
        fitness=fitness,
        channel=to_scheduler,
        metrics_server=_metrics_server(settings, consumers, requester),
        work_dir_lock=lock,
    )


def _consumers(
    dependencies: Dependencies, aws: boto3.Session, requester: LeaseRequester, slots: Slots
) -> Sequence[DispatchConsumer]:
    settings = dependencies.settings
    return tuple(
        DispatchConsumer(pool, JobQueue(aws, url), dependencies.port, requester, slots, settings)
        for pool, url in settings.queues.items()
    )


def _metrics_server(
    settings: RunnerSettings, consumers: Sequence[DispatchConsumer], requester: LeaseRequester
) -> ThreadingHTTPServer:
    def is_ready() -> bool:
        return all(consumer.is_alive() for consumer in consumers) and all(map(requester.is_fit, settings.queues))

    return metrics.serve(settings.metrics_listen, ready=is_ready, shown=metrics.RUNNER)
