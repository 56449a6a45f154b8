"""Has it sampled what clusters cost."""

from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.rpc.client import call

from ocpctl_janitor.passes import Report

SECONDS = 20.0
MAX_HOURS = 24  # of one pass; a longer outage is made up for by the passes that follow


class UsageSampler:
    """One pass samples all that is due since the last one, whoever made that: time without a janitor is made up for."""

    def __init__(self, stub: SweepServiceStub, *, interval_seconds: int) -> None:
        self._stub = stub
        self._request = pb.SampleUsageRequest(interval_seconds=interval_seconds)

    def run_once(self) -> Report:
        """One pass. Raises Unavailable."""
        samples = 0
        for _ in range(MAX_HOURS):
            answer = call(self._stub.SampleUsage, self._request, timeout=SECONDS)
            samples += answer.samples
            if answer.done:
                break
        return Report(found=samples, applied=samples, failed=0)
