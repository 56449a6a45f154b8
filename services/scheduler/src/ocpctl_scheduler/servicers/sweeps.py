"""What the janitor asks."""

from collections.abc import Callable

import grpc
from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceServicer
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.store.engine import Database
from ocpctl_common.store.queries.janitor import Candidate

from ocpctl_scheduler import recording, sweeps
from ocpctl_scheduler.job_metrics import JobMetrics
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.translation import fields
from ocpctl_scheduler.translation.sweeps import asked, found_orphans

Context = grpc.ServicerContext


class SweepServicer(SweepServiceServicer):
    """What the janitor asks."""

    def __init__(self, engine: Database, rules: LeaseRules, job_metrics: JobMetrics, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._on = sweeps.Dependencies(engine=engine, rules=rules, taken_over=job_metrics.taken_over)
        self._wake = wake

    def ApplySweep(self, request: sweep_pb.ApplySweepRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._apply(request.sweep, asked(request))

    def TakeOver(self, request: sweep_pb.TakeOverRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._apply("takeover", Candidate(cluster_id=ClusterId(request.cluster_id), seen=request.fence))

    def ExpireCluster(self, request: sweep_pb.ExpireClusterRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._apply("expiry", Candidate(cluster_id=ClusterId(request.cluster_id)))

    def RingJob(self, request: sweep_pb.RingJobRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._apply("redispatch", Candidate(job_id=JobId(request.job_id), seen=request.dispatch_no))

    def SweepCluster(self, request: sweep_pb.SweepClusterRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._apply("verification", Candidate(cluster_id=ClusterId(request.cluster_id)))

    def RestoreOwner(self, request: sweep_pb.RestoreOwnerRequest, context: Context) -> sweep_pb.SweepResponse:
        """See the proto."""
        return self._apply("reconcile", Candidate(cluster_id=ClusterId(request.cluster_id)))

    def SampleUsage(self, request: sweep_pb.SampleUsageRequest, context: Context) -> sweep_pb.SampleUsageResponse:
        """See the proto."""
        fields.require(request, "interval_seconds")
        sampled = recording.sample_usage(self._engine, seconds=request.interval_seconds)
        return sweep_pb.SampleUsageResponse(samples=sampled.samples, done=sampled.done)

    def RecordOrphans(self, request: sweep_pb.RecordOrphansRequest, context: Context) -> sweep_pb.RecordOrphansResponse:
        """See the proto."""
        found = found_orphans(request)
        fresh, still_open = recording.record_orphans(
            self._engine,
            account_id=request.account_id,
            region=request.region,
            found=found,
            complete=request.complete,
            apart_seconds=request.apart_seconds,
        )
        return sweep_pb.RecordOrphansResponse(fresh=fresh, open=still_open)

    def _apply(self, sweep: str, candidate: Candidate) -> sweep_pb.SweepResponse:
        refusal = sweeps.apply(sweep, self._on, candidate)
        if not refusal:
            self._wake()
        return sweep_pb.SweepResponse(applied=not refusal, reason=refusal)
