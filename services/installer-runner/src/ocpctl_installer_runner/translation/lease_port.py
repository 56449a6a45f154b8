"""The scheduler's lease service in the domain's words. Every call may be repeated; short outages are waited out."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import grpc
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceStub
from ocpctl_common.cloud.artifacts import Stored
from ocpctl_common.errors import Unavailable
from ocpctl_common.rpc.client import call
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from ocpctl_installer_runner.lease_grants import CleanupTarget, Verdict
from ocpctl_installer_runner.lease_messages import (
    Announcement,
    AnnouncementAnswer,
    Authorization,
    HeartbeatAnswer,
    LeaseRequest,
    ProgressUpdate,
    Report,
    RequestHeader,
    VerificationCheck,
)
from ocpctl_installer_runner.translation import lease_answers, lease_requests
from ocpctl_installer_runner.user_visible_log import Batch

SECONDS = 5.0
Response = TypeVar("Response")


class LeasePort:
    """Raises Fenced, Refused, and Unavailable when retries have lasted as long as a heartbeat is trusted.

    Acquire is retried for half of the message's claim only: it must be answered while the message is still ours, or
    two runners ask for the same job.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = LeaseServiceStub(channel)
        self._retry_seconds = SECONDS
        self._acquire_retry_seconds = SECONDS

    def announce(self, announcement: Announcement) -> AnnouncementAnswer:
        """Called once: the next announcement makes up for a lost one."""
        answer = lease_answers.announcement_answer(
            call(self._stub.Announce, lease_requests.announce(announcement), timeout=SECONDS)
        )
        self._retry_seconds = answer.times.trust if answer.times else self._retry_seconds
        self._acquire_retry_seconds = answer.claim_seconds / 2 or self._acquire_retry_seconds
        return answer

    def acquire(self, request: LeaseRequest) -> Verdict:
        """The token makes a repeated call harmless."""
        return lease_answers.verdict(
            self._with_retries(self._stub.Acquire, lease_requests.acquire(request), self._acquire_retry_seconds)
        )

    def heartbeat(self, header: RequestHeader) -> HeartbeatAnswer:
        """Called once: the lease's own clock decides what a failure means."""
        return lease_answers.heartbeat_answer(
            call(self._stub.Heartbeat, lease_requests.heartbeat(header), timeout=SECONDS)
        )

    def authorize(self, header: RequestHeader, authorization: Authorization) -> None:
        """Called once. It is written once, so after a lost reply the attempt counts as one that needs cleanup."""
        call(self._stub.Authorize, lease_requests.authorize(header, authorization), timeout=SECONDS)

    def progress(self, header: RequestHeader, update: ProgressUpdate) -> None:
        """Called once: the next update makes up for a lost one."""
        call(self._stub.Progress, lease_requests.progress(header, update), timeout=SECONDS)

    def append_log(self, header: RequestHeader, batch: Batch) -> None:
        """Called once: lines that are not stored are sent again under the same numbers."""
        call(self._stub.AppendLog, lease_requests.append_log(header, batch), timeout=SECONDS)

    def snapshot(self, header: RequestHeader, sequence: int, artifact_type: str, stored: Stored) -> None:
        """Records an artifact."""
        self._with_retries(self._stub.Snapshot, lease_requests.snapshot(header, sequence, artifact_type, stored))

    def cleanup_verified(
        self, header: RequestHeader, target: CleanupTarget, checks: Sequence[VerificationCheck]
    ) -> None:
        """Records that nothing of an attempt is left."""
        self._with_retries(self._stub.CleanupVerified, lease_requests.cleanup_verified(header, target, checks))

    def verify_again(self, header: RequestHeader, target: CleanupTarget, found: Sequence[str]) -> bool:
        """Records a post-destroy verification; whether the attempt needs cleanup."""
        return self._with_retries(self._stub.Resweep, lease_requests.verify_again(header, target, found)).proof_needed

    def report(self, header: RequestHeader, ended: Report) -> None:
        """Ends the attempt and frees the lease."""
        self._with_retries(self._stub.Report, lease_requests.report(header, ended))

    def _with_retries(self, method: Callable[..., Response], request: Any, seconds: float | None = None) -> Response:
        retrying: Retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_delay(self._retry_seconds if seconds is None else seconds),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        answer: Response = retrying(call, method, request, timeout=SECONDS)
        return answer
