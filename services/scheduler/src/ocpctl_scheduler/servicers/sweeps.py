"""What the janitor asks."""

from collections.abc import Callable

import grpc
from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceServicer
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.store.engine import Database

from ocpctl_scheduler import budgeting, ending, owning, recording, sweeping
from ocpctl_scheduler.measures import Measures
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.translation import fields, sweeps

Context = grpc.ServicerContext


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

    def RestoreOwner(self, request: sweep_pb.RestoreOwnerRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._answer(owning.restore(self._engine, self._rules, ClusterId(request.cluster_id)))

    def SampleUsage(self, request: sweep_pb.SampleUsageRequest, context: Context) -> sweep_pb.SampleUsageResponse:
        """See the proto."""
        fields.require(request, "interval_seconds")
        sampled = recording.sample_usage(self._engine, seconds=request.interval_seconds)
        return sweep_pb.SampleUsageResponse(samples=sampled.samples, done=sampled.done)

    def RecordOrphans(self, request: sweep_pb.RecordOrphansRequest, context: Context) -> sweep_pb.RecordOrphansResponse:
        """See the proto."""
        found = sweeps.found_orphans(request)
        fresh, still_open = recording.record_orphans(
            self._engine,
            account_id=request.account_id,
            region=request.region,
            found=found,
            complete=request.complete,
            apart_seconds=request.apart_seconds,
        )
        return sweep_pb.RecordOrphansResponse(fresh=fresh, open=still_open)

    def _answer(self, refusal: str) -> sweep_pb.SweepResponse:
        if refusal:
            return sweep_pb.SweepResponse(applied=False, reason=refusal)
        self._wake()
        return sweep_pb.SweepResponse(applied=True)
