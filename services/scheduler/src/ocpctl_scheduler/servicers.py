"""The scheduler's three gRPC services: each method translates and delegates."""

from collections.abc import Callable
from dataclasses import asdict

import grpc
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceServicer
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceServicer
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceServicer
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.store.engine import Database

from ocpctl_scheduler import (
    accepting,
    budgeting,
    destroying,
    ending,
    extending,
    granting,
    leasing,
    recording,
    scaling,
    sweeping,
    translate,
    wishes,
)
from ocpctl_scheduler.measures import Measures
from ocpctl_scheduler.rules import LeaseRules

Context = grpc.ServicerContext


class RequestServicer(RequestServiceServicer):
    """What people ask for."""

    def __init__(self, engine: Database, rules: LeaseRules, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._rules = rules
        self._wake = wake

    def CreateCluster(self, request: request_pb.CreateClusterRequest, context: Context) -> request_pb.AcceptedResponse:
        """See the proto."""
        limit = self._rules.creates_per_hour
        answer = accepting.accept_create(self._engine, wishes.new_cluster(request), creates_per_hour=limit)
        self._wake()
        return wishes.accepted(answer)

    def DestroyCluster(
        self, request: request_pb.DestroyClusterRequest, context: Context
    ) -> request_pb.AcceptedResponse:
        """See the proto."""
        key = wishes.request_key(request.context, "DestroyCluster")
        answer = destroying.accept_destroy(self._engine, key, wishes.destroy_wish(request))
        self._wake()
        return wishes.accepted(answer)

    def CancelCreate(self, request: request_pb.CancelCreateRequest, context: Context) -> request_pb.AcceptedResponse:
        """See the proto."""
        key = wishes.request_key(request.context, "CancelCreate")
        answer = destroying.accept_cancel(self._engine, key, wishes.destroy_wish(request))
        self._wake()
        return wishes.accepted(answer)

    def RetryDestroy(self, request: request_pb.RetryDestroyRequest, context: Context) -> request_pb.AcceptedResponse:
        """See the proto."""
        key = wishes.request_key(request.context, "RetryDestroy")
        answer = destroying.accept_retry(self._engine, key, wishes.destroy_wish(request))
        self._wake()
        return wishes.accepted(answer)

    def ScaleWorkers(self, request: request_pb.ScaleWorkersRequest, context: Context) -> request_pb.AcceptedResponse:
        """See the proto."""
        key = wishes.request_key(request.context, "ScaleWorkers")
        answer = scaling.accept_scale(self._engine, key, wishes.scale_wish(request))
        self._wake()
        return wishes.accepted(answer)

    def ExtendCluster(
        self, request: request_pb.ExtendClusterRequest, context: Context
    ) -> request_pb.ExtendClusterResponse:
        """See the proto."""
        key = wishes.request_key(request.context, "ExtendCluster")
        answer = extending.extend(self._engine, key, wishes.extension(request))
        return request_pb.ExtendClusterResponse(**asdict(answer))

    def RecordAudit(self, request: request_pb.RecordAuditRequest, context: Context) -> request_pb.RecordAuditResponse:
        """See the proto."""
        accepting.record_audit(self._engine, translate.audit_event(request))
        return request_pb.RecordAuditResponse()


class LeaseServicer(LeaseServiceServicer):
    """The lease protocol."""

    def __init__(self, engine: Database, rules: LeaseRules, measures: Measures, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._rules = rules
        self._measures = measures
        self._wake = wake

    def Announce(self, request: lease_pb.AnnounceRequest, context: Context) -> lease_pb.AnnounceResponse:
        """See the proto."""
        accepted = granting.announce(self._engine, translate.announcement(request))
        return lease_pb.AnnounceResponse(accepted=accepted)

    def Acquire(self, request: lease_pb.AcquireRequest, context: Context) -> lease_pb.AcquireResponse:
        """See the proto."""
        translate.require(request, "job_id", "runner_id", "acquire_token")
        verdict = granting.acquire(self._engine, self._rules, JobId(request.job_id), translate.asker(request))
        reach(Failpoint.ACQUIRE_COMMITTED)
        self._measures.acquired(verdict)
        return translate.acquire_response(verdict)

    def Heartbeat(self, request: lease_pb.HeartbeatRequest, context: Context) -> lease_pb.HeartbeatResponse:
        """See the proto."""
        cancel = leasing.heartbeat(self._engine, self._rules, translate.holder(request))
        return lease_pb.HeartbeatResponse(held=cancel is not None, cancel_requested=bool(cancel))

    def Authorize(self, request: lease_pb.AuthorizeRequest, context: Context) -> lease_pb.AuthorizeResponse:
        """See the proto."""
        leasing.authorize(self._engine, translate.holder(request), translate.authorization(request))
        reach(Failpoint.AUTHORIZE_COMMITTED)
        return lease_pb.AuthorizeResponse()

    def Progress(self, request: lease_pb.ProgressRequest, context: Context) -> lease_pb.ProgressResponse:
        """See the proto."""
        event = translate.stage_event(request)
        leasing.progress(
            self._engine, translate.holder(request), event, sequence=request.sequence, blocker=request.blocker
        )
        return lease_pb.ProgressResponse()

    def AppendLog(self, request: lease_pb.AppendLogRequest, context: Context) -> lease_pb.AppendLogResponse:
        """See the proto."""
        recording.append_log(self._engine, translate.holder(request), translate.log_lines(request))
        return lease_pb.AppendLogResponse()

    def Snapshot(self, request: lease_pb.SnapshotRequest, context: Context) -> lease_pb.SnapshotResponse:
        """See the proto."""
        artifact = translate.artifact(request)
        leasing.snapshot(self._engine, translate.holder(request), artifact, sequence=request.sequence)
        return lease_pb.SnapshotResponse()

    def CleanupVerified(
        self, request: lease_pb.CleanupVerifiedRequest, context: Context
    ) -> lease_pb.CleanupVerifiedResponse:
        """See the proto."""
        translate.require(request, "attempt_id", "receipt_json")
        leasing.cleanup_verified(
            self._engine, self._rules, translate.holder(request), AttemptId(request.attempt_id), request.receipt_json
        )
        return lease_pb.CleanupVerifiedResponse()

    def Resweep(self, request: lease_pb.ResweepRequest, context: Context) -> lease_pb.ResweepResponse:
        """See the proto."""
        translate.require(request, "attempt_id")
        if request.found:
            self._measures.incident(request.cluster_id, request.attempt_id, request.found)
        leasing.resweep(
            self._engine, self._rules, translate.holder(request), AttemptId(request.attempt_id), request.found
        )
        return lease_pb.ResweepResponse()

    def Report(self, request: lease_pb.ReportRequest, context: Context) -> lease_pb.ReportResponse:
        """See the proto."""
        end = ending.report(self._engine, self._rules, translate.holder(request), translate.ended(request))
        reach(Failpoint.REPORT_COMMITTED)
        self._measures.ended(end)
        if end.pool:
            budgeting.ring_next(self._engine, end.pool)
        self._wake()
        return lease_pb.ReportResponse()


class SweepServicer(SweepServiceServicer):
    """What the janitor asks."""

    def __init__(self, engine: Database, rules: LeaseRules, measures: Measures, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._rules = rules
        self._measures = measures
        self._wake = wake

    def TakeOver(self, request: sweep_pb.TakeOverRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        end = ending.take_over(self._engine, self._rules, ClusterId(request.cluster_id), request.fence)
        reach(Failpoint.TAKEOVER_COMMITTED)
        if end is None:
            return sweep_pb.SweepResponse(applied=False, reason="NOT_DEAD")
        self._measures.taken_over(end)
        if end.pool:
            budgeting.ring_next(self._engine, end.pool)
        self._wake()
        return sweep_pb.SweepResponse(applied=True)

    def ExpireCluster(self, request: sweep_pb.ExpireClusterRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._answer(sweeping.expire(self._engine, ClusterId(request.cluster_id)))

    def RingJob(self, request: sweep_pb.RingJobRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._answer(sweeping.ring(self._engine, JobId(request.job_id), seen=request.dispatch_no))

    def SweepCluster(self, request: sweep_pb.SweepClusterRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._answer(sweeping.sweep(self._engine, ClusterId(request.cluster_id)))

    def SampleUsage(self, request: sweep_pb.SampleUsageRequest, context: Context) -> sweep_pb.SampleUsageResponse:
        """See the proto."""
        translate.require(request, "interval_seconds")
        sampled = recording.sample_usage(self._engine, seconds=request.interval_seconds)
        return sweep_pb.SampleUsageResponse(samples=sampled.samples, done=sampled.done)

    def RecordOrphans(self, request: sweep_pb.RecordOrphansRequest, context: Context) -> sweep_pb.RecordOrphansResponse:
        """See the proto."""
        found = translate.found_orphans(request)
        fresh, still_open = recording.record_orphans(
            self._engine,
            account_id=request.account_id,
            region=request.region,
            found=found,
            complete=request.complete,
        )
        return sweep_pb.RecordOrphansResponse(fresh=fresh, open=still_open)

    def _answer(self, refusal: str) -> sweep_pb.SweepResponse:
        if refusal:
            return sweep_pb.SweepResponse(applied=False, reason=refusal)
        self._wake()
        return sweep_pb.SweepResponse(applied=True)
