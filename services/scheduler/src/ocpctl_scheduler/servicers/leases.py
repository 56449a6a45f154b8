"""The lease protocol."""

from collections.abc import Callable

import grpc
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceServicer
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.ids import AttemptId, JobId
from ocpctl_common.store.engine import Database

from ocpctl_scheduler import concurrency, lease_acquire, lease_complete, lease_renew, recording
from ocpctl_scheduler.job_metrics import JobMetrics
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.translation import fields, grants, leases

Context = grpc.ServicerContext


class LeaseServicer(LeaseServiceServicer):
    """The lease protocol."""

    def __init__(self, engine: Database, rules: LeaseRules, job_metrics: JobMetrics, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._rules = rules
        self._metrics = job_metrics
        self._wake = wake

    def Announce(self, request: lease_pb.AnnounceRequest, context: Context) -> lease_pb.AnnounceResponse:
        """See the proto."""
        accepted = lease_acquire.announce(self._engine, leases.announcement(request, self._rules))
        return lease_pb.AnnounceResponse(
            accepted=accepted,
            times=grants.lease_times(self._rules),
            valid_seconds=self._rules.presence,
            claim_seconds=self._rules.claim,
        )

    def Acquire(self, request: lease_pb.AcquireRequest, context: Context) -> lease_pb.AcquireResponse:
        """See the proto."""
        fields.require(request, "job_id", "runner_id", "acquire_token")
        verdict = lease_acquire.acquire(self._engine, self._rules, JobId(request.job_id), leases.requester(request))
        reach(Failpoint.ACQUIRE_COMMITTED)
        self._metrics.acquired(verdict)
        return grants.acquire_response(verdict, self._rules)

    def Heartbeat(self, request: lease_pb.HeartbeatRequest, context: Context) -> lease_pb.HeartbeatResponse:
        """See the proto."""
        cancel = lease_renew.heartbeat(self._engine, self._rules, leases.holder(request))
        return lease_pb.HeartbeatResponse(
            held=cancel is not None, cancel_requested=bool(cancel), times=grants.lease_times(self._rules)
        )

    def Authorize(self, request: lease_pb.AuthorizeRequest, context: Context) -> lease_pb.AuthorizeResponse:
        """See the proto."""
        lease_renew.authorize(self._engine, leases.holder(request), leases.authorization(request))
        reach(Failpoint.AUTHORIZE_COMMITTED)
        return lease_pb.AuthorizeResponse()

    def Progress(self, request: lease_pb.ProgressRequest, context: Context) -> lease_pb.ProgressResponse:
        """See the proto."""
        event = leases.stage_event(request)
        lease_renew.progress(
            self._engine, leases.holder(request), event, sequence=request.sequence, blocker=request.blocker
        )
        return lease_pb.ProgressResponse()

    def AppendLog(self, request: lease_pb.AppendLogRequest, context: Context) -> lease_pb.AppendLogResponse:
        """See the proto."""
        recording.append_log(self._engine, leases.holder(request), leases.log_lines(request))
        return lease_pb.AppendLogResponse()

    def Snapshot(self, request: lease_pb.SnapshotRequest, context: Context) -> lease_pb.SnapshotResponse:
        """See the proto."""
        artifact = leases.artifact(request)
        lease_renew.snapshot(self._engine, leases.holder(request), artifact, sequence=request.sequence)
        return lease_pb.SnapshotResponse()

    def CleanupVerified(
        self, request: lease_pb.CleanupVerifiedRequest, context: Context
    ) -> lease_pb.CleanupVerifiedResponse:
        """See the proto."""
        fields.require(request, "attempt_id", "receipt_json")
        lease_renew.cleanup_verified(
            self._engine, self._rules, leases.holder(request), AttemptId(request.attempt_id), request.receipt_json
        )
        return lease_pb.CleanupVerifiedResponse()

    def Resweep(self, request: lease_pb.ResweepRequest, context: Context) -> lease_pb.ResweepResponse:
        """See the proto."""
        fields.require(request, "attempt_id")
        if request.found:
            self._metrics.incident(request.cluster_id, request.attempt_id, request.found)
        holder, attempt_id = leases.holder(request), AttemptId(request.attempt_id)
        proof_needed = lease_renew.verify_again(self._engine, self._rules, holder, attempt_id, request.found)
        return lease_pb.ResweepResponse(proof_needed=proof_needed)

    def Report(self, request: lease_pb.ReportRequest, context: Context) -> lease_pb.ReportResponse:
        """See the proto."""
        end = lease_complete.report(self._engine, self._rules, leases.holder(request), leases.ended(request))
        reach(Failpoint.REPORT_COMMITTED)
        self._metrics.ended(end)
        if end.pool:
            concurrency.redispatch_next(self._engine, end.pool)
        self._wake()
        return lease_pb.ReportResponse()
