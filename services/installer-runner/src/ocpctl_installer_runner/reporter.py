"""Calls the scheduler about one attempt. Only the heartbeats are sent by another part, the lease.

Every request carries the attempt's header. A run that lost its lease sends nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import structlog
from ocpctl_common.cloud.artifacts import Stored
from ocpctl_common.errors import Unavailable
from ocpctl_common.failpoints import reach
from ocpctl_common.telemetry import traces

from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.lease import Lease
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.lease_messages import (
    Authorization,
    ProgressUpdate,
    Report,
    RequestHeader,
    VerificationCheck,
)
from ocpctl_installer_runner.log_publisher import LogPublisher
from ocpctl_installer_runner.translation.lease_port import LeasePort

MAX_PERCENT = 100

log = structlog.get_logger()


class Reporter:
    """For the thread of the run only. Its methods raise LeaseLost and Fenced; others are named at each."""

    def __init__(self, port: LeasePort, lease: Lease, header: RequestHeader, secrets: KnownSecrets) -> None:
        self._port = port
        self._lease = lease
        self._header = header
        self._secrets = secrets
        self._progress_sequence = 0
        self._artifact_sequence = 0
        self._percent = 0
        self._max_percent = MAX_PERCENT
        self.log = LogPublisher(port, lease, header, secrets)

    def progress(self, stage: str, percent: int, message: str, *, blocker: str = "") -> None:
        """Tells the user. The percentage never falls. While the scheduler is unavailable updates are dropped."""
        self._lease.check()
        reach(f"runner.stage.{stage}")
        traces.event(stage)
        self._progress_sequence += 1
        self._percent = max(self._percent, min(percent, self._max_percent))
        update = ProgressUpdate(
            sequence=self._progress_sequence,
            stage=stage,
            percent=self._percent,
            message=self._secrets.redact(message),
            blocker=self._secrets.redact(blocker),
        )
        try:
            self._port.progress(self._header, update)
        except Unavailable as error:
            log.warning("progress update dropped: scheduler unavailable", stage=stage, error=error.message)

    @contextmanager
    def progress_limited(self, percent: int) -> Iterator[None]:
        """In the block no percentage above `percent` is sent: its work comes before the work that is measured."""
        self._max_percent = percent
        try:
            yield
        finally:
            self._max_percent = MAX_PERCENT

    def authorize(self, authorization: Authorization) -> None:
        """Asks for permission to create. Raises Refused, Unavailable."""
        self._lease.check()
        self._port.authorize(self._header, authorization)

    def record_artifact(self, stored: Stored, artifact_type: str) -> None:
        """Tells where an artifact lies. Raises Refused, Unavailable."""
        self._lease.check()
        self._artifact_sequence += 1
        self._port.snapshot(self._header, self._artifact_sequence, artifact_type, stored)

    def record_verified(self, target: CleanupTarget, checks: Sequence[VerificationCheck]) -> None:
        """Records that nothing of an attempt is left. Raises Refused, Unavailable."""
        self._lease.check()
        self._port.cleanup_verified(self._header, target, checks)

    def record_found(self, target: CleanupTarget, found: Sequence[str]) -> bool:
        """Records a post-destroy verification; whether the attempt needs cleanup. Raises Refused, Unavailable."""
        self._lease.check()
        return self._port.verify_again(self._header, target, found)

    def finish(self, report: Report) -> None:
        """Reports how the attempt ended. Raises Refused, Unavailable."""
        self._lease.check()
        self.log.flush()
        self._lease.expect_release()
        self._port.report(self._header, replace(report, message=self._secrets.redact(report.message)))
