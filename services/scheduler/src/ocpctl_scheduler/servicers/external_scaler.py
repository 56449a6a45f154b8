"""What KEDA asks: how many runners it is to start."""

import threading
from collections.abc import Iterator

import grpc
from ocpctl.external import external_scaler_pb2 as pb
from ocpctl.external.external_scaler_pb2_grpc import ExternalScalerServicer
from ocpctl_common.store.engine import Database

from ocpctl_scheduler import runnable
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.translation import external_scaler

Context = grpc.ServicerContext
LOOK_SECONDS = 5.0
STREAM_SECONDS = 60.0  # a stream holds a thread of the server; its caller begins another one


class RunnableJobsServicer(ExternalScalerServicer):
    """The metric of a pool is its number of runnable jobs; it is active when there is one."""

    def __init__(self, engine: Database, rules: LeaseRules) -> None:
        self._engine = engine
        self._rules = rules

    def IsActive(self, request: pb.ScaledObjectRef, context: Context) -> pb.IsActiveResponse:
        """See the proto."""
        return pb.IsActiveResponse(result=self._count(request) > 0)

    def StreamIsActive(self, request: pb.ScaledObjectRef, context: Context) -> Iterator[pb.IsActiveResponse]:
        """See the proto. Ends after a minute without an error."""
        gone = threading.Event()
        context.add_callback(gone.set)
        last: bool | None = None
        for _ in range(int(STREAM_SECONDS / LOOK_SECONDS)):
            if (active := self._count(request) > 0) is not last:
                last = active
                yield pb.IsActiveResponse(result=active)
            if gone.wait(LOOK_SECONDS):
                return

    def GetMetricSpec(self, request: pb.ScaledObjectRef, context: Context) -> pb.GetMetricSpecResponse:
        """See the proto."""
        return external_scaler.metric_spec(external_scaler.runner_kind(request))

    def GetMetrics(self, request: pb.GetMetricsRequest, context: Context) -> pb.GetMetricsResponse:
        """See the proto."""
        runners = external_scaler.runner_kind(request.scaledObjectRef)
        return external_scaler.metric_value(runners, runnable.count(self._engine, self._rules, runners))

    def _count(self, request: pb.ScaledObjectRef) -> int:
        return runnable.count(self._engine, self._rules, external_scaler.runner_kind(request))
