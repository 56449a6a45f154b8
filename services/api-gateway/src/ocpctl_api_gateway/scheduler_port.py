"""The gateway's way to change anything: asking the scheduler."""

import structlog
from ocpctl.internal.v1 import request_service_pb2 as pb
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl_common.errors import OcpctlError
from ocpctl_common.rpc import context
from ocpctl_common.rpc.client import call
from ocpctl_common.telemetry import traces

from ocpctl_api_gateway.principal import Principal

SECONDS = 5.0
ANONYMOUS = "anonymous"
OTHER_TEAM = "OTHER_TEAM"

log = structlog.get_logger()


class SchedulerPort:
    """Errors come as the leaves that the scheduler raised."""

    def __init__(self, stub: RequestServiceStub) -> None:
        self._stub = stub

    def create(self, request: pb.CreateClusterRequest) -> pb.AcceptedResponse:
        """Durable when it returns."""
        return call(self._stub.CreateCluster, request, timeout=SECONDS)

    def check_create(self, request: pb.CheckCreateRequest) -> None:
        """Refuses what `create` would refuse now."""
        call(self._stub.CheckCreate, request, timeout=SECONDS)

    def destroy(self, request: pb.DestroyClusterRequest) -> pb.AcceptedResponse:
        """Durable when it returns."""
        return call(self._stub.DestroyCluster, request, timeout=SECONDS)

    def cancel(self, request: pb.CancelCreateRequest) -> pb.AcceptedResponse:
        """Durable when it returns."""
        return call(self._stub.CancelCreate, request, timeout=SECONDS)

    def scale(self, request: pb.ScaleWorkersRequest) -> pb.AcceptedResponse:
        """Durable when it returns."""
        return call(self._stub.ScaleWorkers, request, timeout=SECONDS)

    def retry_destroy(self, request: pb.RetryDestroyRequest) -> pb.AcceptedResponse:
        """Durable when it returns."""
        return call(self._stub.RetryDestroy, request, timeout=SECONDS)

    def extend(self, request: pb.ExtendClusterRequest) -> pb.ExtendClusterResponse:
        """Durable when it returns."""
        return call(self._stub.ExtendCluster, request, timeout=SECONDS)

    def audit_hand_out(self, caller: Principal, action: str, cluster_id: str) -> None:
        """Must succeed before anything is handed out."""
        call(self._stub.RecordAudit, _event(caller.arn, action, "ALLOWED", cluster_id), timeout=SECONDS)

    def audit_refusal(self, arn: str, action: str, reason: str) -> None:
        """Records a refusal. The refusal stands also when the scheduler is away: then the log has it."""
        self._record_refusal(_event(arn or ANONYMOUS, action, "DENIED", "", reason))

    def audit_hidden(self, caller: Principal, cluster_id: str) -> None:
        """Records that somebody asked for a cluster, or a job, of another team and was told that there is none."""
        self._record_refusal(_event(caller.arn, context.method(), "DENIED", cluster_id, OTHER_TEAM))

    def _record_refusal(self, event: pb.RecordAuditRequest) -> None:
        try:
            call(self._stub.RecordAudit, event, timeout=SECONDS)
        except OcpctlError as failed:
            log.warning("refusal not audited", action=event.action, reason=event.reason, why=failed.message)


def request_context(caller: Principal, key: str, request_hash: bytes) -> pb.RequestContext:
    """How the scheduler knows the request."""
    return pb.RequestContext(
        principal=caller.arn,
        idempotency_key=key,
        request_hash=request_hash,
        correlation_id=context.request_id(),
        traceparent=traces.current_traceparent(),
    )


def _event(principal: str, action: str, outcome: str, cluster_id: str, reason: str = "") -> pb.RecordAuditRequest:
    return pb.RecordAuditRequest(
        principal=principal,
        action=action,
        outcome=outcome,
        cluster_id=cluster_id,
        reason=reason,
        correlation_id=context.request_id(),
    )
