"""The runs of this process: each in a slot's thread, with its lease, its span and its keys in the log."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from ocpctl_common.rpc import context
from ocpctl_common.telemetry import traces

from ocpctl_installer_runner.dependencies import Dependencies
from ocpctl_installer_runner.execution import execute
from ocpctl_installer_runner.grants import Grant
from ocpctl_installer_runner.lease import Lease
from ocpctl_installer_runner.lease_messages import RequestHeader
from ocpctl_installer_runner.run import assemble

log = structlog.get_logger()


class Runs:
    """Thread-safe."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        self._lock = threading.Lock()
        self._leases: set[Lease] = set()

    def work(self, grant: Grant, requested_at: float) -> None:
        """Does one run in a slot's thread. `requested_at`: when its lease was asked for, CLOCK_BOOTTIME."""
        if grant.times is None:
            log.error("grant without lease times: not run, its lease expires", attempt_id=grant.attempt_id)
            return
        header = RequestHeader.of(grant, self._dependencies.settings.runner_id)
        lease = Lease(self._dependencies.port, header, grant.times, requested_at)
        keys = {"cluster_id": grant.cluster_id, "job_id": grant.job_id, "attempt_id": grant.attempt_id}
        span = traces.linked_span(f"run {grant.job_type}", grant.traceparent, **keys)
        with (
            context.bind(grant.correlation_id, job_type=grant.job_type, **keys),
            span,
            lease,
            self._registered(lease),
        ):
            log.info("job started", attempt=grant.attempt_number, fence=grant.fence)
            execute(assemble(grant, lease, self._dependencies))

    @contextmanager
    def _registered(self, lease: Lease) -> Iterator[None]:
        with self._lock:
            self._leases.add(lease)
        try:
            yield
        finally:
            with self._lock:
                self._leases.discard(lease)

    def busy(self) -> int:
        """How many runs go on."""
        with self._lock:
            return len(self._leases)

    def interrupt(self) -> None:
        """Stops all runs that may be stopped: the runner shuts down."""
        with self._lock:
            for lease in self._leases:
                lease.interrupt()
