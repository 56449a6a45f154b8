"""What the runner asks the scheduler. Every call may be repeated safely, so short absences are waited out."""

from collections.abc import Callable
from typing import Any, TypeVar

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceStub
from ocpctl_common.errors import Unavailable
from ocpctl_common.rpc.client import call
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

SECONDS = 5.0
Response = TypeVar("Response")


class LeasePort:
    """Raises Fenced, Refused, and Unavailable after a patience: the trust of a heartbeat, as the last Announce told.

    Acquire must be answered while the message is still ours, or two runners ask for it: half its claim.
    """

    def __init__(self, stub: LeaseServiceStub) -> None:
        self._stub = stub
        self._patience = SECONDS
        self._acquire_patience = SECONDS

    def announce(self, request: pb.AnnounceRequest) -> pb.AnnounceResponse:
        """Once only: the next sign of life makes up for it."""
        answer: pb.AnnounceResponse = call(self._stub.Announce, request, timeout=SECONDS)
        self._patience = answer.times.trust_seconds or self._patience
        self._acquire_patience = answer.claim_seconds / 2 or self._acquire_patience
        return answer

    def acquire(self, request: pb.AcquireRequest) -> pb.AcquireResponse:
        """The same token makes a repeated call harmless."""
        return self._patiently(self._stub.Acquire, request, self._acquire_patience)

    def heartbeat(self, request: pb.HeartbeatRequest) -> pb.HeartbeatResponse:
        """Once only: the lease's own clock decides what a failure means."""
        return call(self._stub.Heartbeat, request, timeout=SECONDS)

    def authorize(self, request: pb.AuthorizeRequest) -> None:
        """Once only: write-once, so a lost reply must look like a refusal, and the attempt like a dirty one."""
        call(self._stub.Authorize, request, timeout=SECONDS)

    def progress(self, request: pb.ProgressRequest) -> None:
        """Once only: the next one makes up for it."""
        call(self._stub.Progress, request, timeout=SECONDS)

    def append_log(self, request: pb.AppendLogRequest) -> None:
        """Once only: a line is kept until it is stored, and comes again under its number."""
        call(self._stub.AppendLog, request, timeout=SECONDS)

    def snapshot(self, request: pb.SnapshotRequest) -> None:
        """Records an artifact."""
        self._patiently(self._stub.Snapshot, request, self._patience)

    def cleanup_verified(self, request: pb.CleanupVerifiedRequest) -> None:
        """Records a proof."""
        self._patiently(self._stub.CleanupVerified, request, self._patience)

    def resweep(self, request: pb.ResweepRequest) -> pb.ResweepResponse:
        """Records another look."""
        return self._patiently(self._stub.Resweep, request, self._patience)

    def report(self, request: pb.ReportRequest) -> None:
        """Ends the attempt."""
        self._patiently(self._stub.Report, request, self._patience)

    def _patiently(self, method: Callable[..., Response], request: Any, patience: float) -> Response:
        retrying: Retrying = Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_delay(patience),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        answer: Response = retrying(call, method, request, timeout=SECONDS)
        return answer
