"""A stand-in for KEDA's ScaledJob: asks the scheduler's external scaler, and starts runners as KEDA would start jobs.

Like KEDA: the trigger's metadata goes with every call; GetMetricSpec, GetMetrics and IsActive in this order; an error
starts nothing; the strategies `accurate` and `default`; a pod is pending until it is Ready; no job is started twice.

Unlike KEDA: a pod is a process of this machine, there at once and never rescheduled; readiness is asked when it is
needed, where the kubelet asks every few seconds; a process that has ended is a finished Job at once; the scheduler's
certificate is checked for the name `scheduler`, where KEDA checks the host of its address; one scheduler is asked.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import grpc
import urllib3
from ocpctl.external import external_scaler_pb2 as pb
from ocpctl.external.external_scaler_pb2_grpc import ExternalScalerStub

CALL_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A runner that was started: `ended` is its exit code, or None; `ready` is what its probe says."""

    name: str
    ended: Callable[[], int | None]
    ready: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the external scaler says."""

    active: bool
    value: float
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass saw and did."""

    answer: Answer | None
    running: int
    pending: int
    started: int


def to_start(answer: Answer, *, running: int, pending: int, maximum: int, strategy: str = "accurate") -> int:
    """How many jobs KEDA creates. `running` are all that have not finished, the `pending` ones among them."""
    if not answer.active:
        return 0
    wanted = math.ceil(answer.value)
    scale = min(maximum, math.ceil(answer.value / answer.target))
    match strategy:
        case "accurate" if scale + running > maximum:
            effective = maximum - running  # here it forgets those that are pending
        case "accurate":
            effective = scale - pending
        case _:
            effective = scale - running
    return max(0, min(wanted, effective))


@dataclass(slots=True, kw_only=True)
class ScaledJob:
    """One ScaledJob with one trigger. `start` starts the pod with a name."""

    name: str
    metadata: Mapping[str, str]
    maximum: int
    channel: grpc.Channel
    start: Callable[[str], Pod]
    pods: list[Pod] = field(default_factory=list)
    finished: dict[str, int] = field(default_factory=dict)  # exit codes by pod
    _started: int = 0

    def poll(self) -> Pass:
        """One pass of KEDA's loop."""
        answer = self.ask()
        self._reap()
        running, pending = len(self.pods), sum(not pod.ready() for pod in self.pods)
        count = to_start(answer, running=running, pending=pending, maximum=self.maximum) if answer else 0
        for _ in range(count):
            self._started += 1
            self.pods.append(self.start(f"{self.name}-{self._started:03d}"))
        return Pass(answer=answer, running=running, pending=pending, started=count)

    def ask(self) -> Answer | None:
        """None: one of the calls failed."""
        ref = pb.ScaledObjectRef(name=self.name, namespace="ocpctl", scalerMetadata=self.metadata)
        stub = ExternalScalerStub(self.channel)
        try:
            (spec,) = stub.GetMetricSpec(ref, timeout=CALL_SECONDS).metricSpecs
            request = pb.GetMetricsRequest(scaledObjectRef=ref, metricName=spec.metricName)
            (value,) = stub.GetMetrics(request, timeout=CALL_SECONDS).metricValues
            active = stub.IsActive(ref, timeout=CALL_SECONDS).result
        except grpc.RpcError:
            return None
        return Answer(
            active=active,
            value=value.metricValueFloat or value.metricValue,
            target=spec.targetSizeFloat or spec.targetSize,
        )

    def _reap(self) -> None:
        codes = {pod.name: code for pod in self.pods if (code := pod.ended()) is not None}
        self.finished |= codes
        self.pods = [pod for pod in self.pods if pod.name not in codes]


def is_ready(url: str) -> bool:
    """As a probe of the kubelet: any answer but 200 in time is no."""
    try:
        return urllib3.request("GET", url, retries=False, timeout=1).status == 200
    except urllib3.exceptions.HTTPError:
        return False
