"""The runs of this process: each in a slot's thread, with its lease, its span and its names in the log."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.rpc import context
from ocpctl_common.telemetry import traces

from ocpctl_installer_runner import execution
from ocpctl_installer_runner.attempt import Attempt, Tools
from ocpctl_installer_runner.lease import Lease, LeaseTimes

log = structlog.get_logger()


class Runs:
    """The runs of this process; all of them are told when it shuts down."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._lock = threading.Lock()
        self._leases: set[Lease] = set()

    def work(self, grant: pb.Grant, asked_at: float) -> None:
        """One run in a slot's thread."""
        times = LeaseTimes.told(grant.times)
        if times is None:
            log.error("grant without times; not run, its lease runs out", attempt_id=grant.attempt_id)
            return
        keys = {"cluster_id": grant.cluster_id, "job_id": grant.job_id, "attempt_id": grant.attempt_id}
        lease = Lease(self._tools.port, grant, self._tools.settings.runner_id, times, asked_at)
        span = traces.linked_span(f"run {grant.job_type}", grant.traceparent, **keys)
        with context.bind(grant.correlation_id, **keys), span, lease, self._known(lease):
            log.info("run begins", job_type=grant.job_type, attempt=grant.attempt_number, fence=grant.fence)
            spec = ResolvedSpec.from_json(grant.spec_json)
            attempt = Attempt(grant=grant, spec=spec, lease=lease, tools=self._tools)
            execution.run(attempt)

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

    def busy(self) -> int:
        """How many runs go on."""
        with self._lock:
            return len(self._leases)

    def interrupt(self) -> None:
        """Stops all installs in order."""
        with self._lock:
            for lease in self._leases:
                lease.interrupt()
