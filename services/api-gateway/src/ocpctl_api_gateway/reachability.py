"""Whether its scheduler answers a gateway. Reads need only the database: without it a gateway is ready, and says so."""

from collections.abc import Callable
from functools import partial

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest
from grpc_health.v1.health_pb2_grpc import HealthStub
from ocpctl_common.errors import OcpctlError
from ocpctl_common.rpc.client import call

SECONDS = 0.4  # the kubelet gives a probe one second: a scheduler that hangs must not take the reads away
NO_CHANGES = "ready for reads; the scheduler does not answer, so changes are refused with 503"


def lacks(to_scheduler: grpc.Channel) -> Callable[[], str]:
    """What this gateway cannot do now, asked for anew each time; "": it can do all."""
    return partial(_lacks, HealthStub(to_scheduler))


def _lacks(scheduler: HealthStub) -> str:
    try:
        call(scheduler.Check, HealthCheckRequest(), timeout=SECONDS)
    except OcpctlError:
        return NO_CHANGES
    return ""
