"""Asks the scheduler for changes of clusters, and to write the audit."""

import structlog
from ocpctl.internal.v1 import request_service_pb2 as pb
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl_common.errors import OcpctlError
from ocpctl_common.rpc import context
from ocpctl_common.rpc.client import call

from ocpctl_api_gateway.principal import Principal

TIMEOUT_SECONDS = 5.0
ANONYMOUS = "anonymous"
OTHER_TEAM = "OTHER_TEAM"

log = structlog.get_logger()


class SchedulerClient:
    """Every change is durable when its method returns. Raises the same errors that the scheduler raised."""

    def __init__(self, stub: RequestServiceStub) -> None:
        self._stub = stub

    def create(self, request: pb.CreateClusterRequest) -> pb.AcceptedResponse:
        return call(self._stub.CreateCluster, request, timeout=TIMEOUT_SECONDS)

    def check_create(self, request: pb.CheckCreateRequest) -> None:
        """Raises what `create` would raise now. Stores nothing."""
        call(self._stub.CheckCreate, request, timeout=TIMEOUT_SECONDS)

    def destroy(self, request: pb.DestroyClusterRequest) -> pb.AcceptedResponse:
        return call(self._stub.DestroyCluster, request, timeout=TIMEOUT_SECONDS)

    def cancel(self, request: pb.CancelCreateRequest) -> pb.AcceptedResponse:
        return call(self._stub.CancelCreate, request, timeout=TIMEOUT_SECONDS)

    def scale(self, request: pb.ScaleWorkersRequest) -> pb.AcceptedResponse:
        return call(self._stub.ScaleWorkers, request, timeout=TIMEOUT_SECONDS)

    def retry_destroy(self, request: pb.RetryDestroyRequest) -> pb.AcceptedResponse:
        return call(self._stub.RetryDestroy, request, timeout=TIMEOUT_SECONDS)

    def extend(self, request: pb.ExtendClusterRequest) -> pb.ExtendClusterResponse:
        return call(self._stub.ExtendCluster, request, timeout=TIMEOUT_SECONDS)

    def keep_alive(self, request: pb.KeepClusterAliveRequest) -> pb.KeepClusterAliveResponse:
        return call(self._stub.KeepClusterAlive, request, timeout=TIMEOUT_SECONDS)

    def audit_hand_out(self, caller: Principal, action: str, cluster_id: str) -> None:
        """Records that the caller gets credentials. Must succeed before they are sent."""
        call(self._stub.RecordAudit, _event(caller.arn, action, "ALLOWED", cluster_id), timeout=TIMEOUT_SECONDS)

    def audit_refusal(self, arn: str, action: str, reason: str) -> None:
        """Records a refusal. Never raises: when the scheduler is unavailable, the log has the refusal."""
        self._record_refusal(_event(arn or ANONYMOUS, action, "DENIED", "", reason))

    def audit_hidden(self, caller: Principal, cluster_id: str) -> None:
        """Records that the caller asked for a cluster, or a job, of another team and got NotFound."""
        self._record_refusal(_event(caller.arn, context.method(), "DENIED", cluster_id, OTHER_TEAM))

    def _record_refusal(self, event: pb.RecordAuditRequest) -> None:
        try:
            call(self._stub.RecordAudit, event, timeout=TIMEOUT_SECONDS)
        except OcpctlError as error:
            log.warning("audit of a refusal failed", rpc=event.action, reason=event.reason, error=error.message)


def _event(principal: str, action: str, outcome: str, cluster_id: str, reason: str = "") -> pb.RecordAuditRequest:
    return pb.RecordAuditRequest(
        principal=principal,
        action=action,
        outcome=outcome,
        cluster_id=cluster_id,
        reason=reason,
        correlation_id=context.request_id(),
    )
