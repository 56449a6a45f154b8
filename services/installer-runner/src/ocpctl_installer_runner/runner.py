"""A running runner, and how it stops."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import IO

import grpc

from ocpctl_installer_runner.dispatch_consumer import DispatchConsumer
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.lease_requester import LeaseRequester
from ocpctl_installer_runner.presence import Presence
from ocpctl_installer_runner.runs import Runs
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Consumes dispatch messages of its pools between `begin` and `stop`."""

    settings: RunnerSettings
    slots: Slots
    consumers: Sequence[DispatchConsumer]
    requester: LeaseRequester
    presence: Presence
    runs: Runs
    fitness: Fitness
    channel: grpc.Channel
    metrics_server: ThreadingHTTPServer
    work_dir_lock: IO[str]

    def begin(self) -> None:
        """Checks itself, claims its id, then takes work. Raises IdInUse."""
        self.fitness.begin()
        self.presence.begin()
        for consumer in self.consumers:
            consumer.start()

    def is_fit(self) -> bool:
        """Whether it may take work of all its pools."""
        return all(map(self.requester.is_fit, self.settings.queues))

    def join(self) -> None:
        """Waits for the end of what runs; call it when the slots are closed."""
        for consumer in self.consumers:  # first: one of them may be about to begin a run
            consumer.join()
        self.slots.join()

    def stop(self, grace_seconds: float) -> None:
        """Takes no more work, lets runs go on for the drain time, then interrupts them."""
        interrupt = threading.Timer(self.settings.drain_seconds, self.runs.interrupt)
        interrupt.start()
        self.slots.close()
        self.join()
        interrupt.cancel()
        self.presence.end()
        self.fitness.end()
        self.metrics_server.shutdown()
        self.channel.close()
        self.work_dir_lock.close()
