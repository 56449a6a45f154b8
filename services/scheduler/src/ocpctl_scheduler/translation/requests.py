"""Requests of people from the internal protobuf, and the answers back."""

from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl_common.errors import OcpctlError
from ocpctl_common.ids import ClusterId, new_cluster_id, new_job_id
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.profiles.workers import WorkerLimits
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store import history
from ocpctl_common.store.creates import NewCluster
from pydantic import ValidationError

from ocpctl_scheduler.destroying import DestroyCommand
from ocpctl_scheduler.extending import Extension
from ocpctl_scheduler.scaling import ScaleCommand
from ocpctl_scheduler.translation import fields


def request_key(context: request_pb.RequestContext, rpc: str) -> RequestKey:
    """The idempotency key. All of it must be sent."""
    fields.require(context, "principal", "idempotency_key", "request_hash", "correlation_id")
    return RequestKey(
        principal=context.principal, rpc=rpc, key=context.idempotency_key, request_hash=context.request_hash
    )


def new_cluster(request: request_pb.CreateClusterRequest) -> NewCluster:
    """A create with fresh ids."""
    return NewCluster(
        request=request_key(request.context, "CreateCluster"),
        cluster_id=new_cluster_id(),
        job_id=new_job_id(),
        spec=resolved(request),
        keepalive_seconds=request.keepalive_seconds or None,
        correlation_id=request.context.correlation_id,
        traceparent=request.context.traceparent,
    )


def resolved(request: request_pb.CreateClusterRequest | request_pb.CheckCreateRequest) -> ResolvedSpec:
    """The specification of a create. Raises OcpctlError when the gateway has sent something else."""
    fields.require(request, "spec_json")
    try:
        return ResolvedSpec.from_json(request.spec_json)
    except ValidationError as error:
        raise OcpctlError(f"the caller has sent a specification that cannot be read: {error}") from error


def accepted(answer: Accepted) -> request_pb.AcceptedResponse:
    """The answer to a request that is carried out later."""
    return request_pb.AcceptedResponse(
        cluster_id=answer.cluster_id,
        job_id=answer.job_id,
        status=answer.status,
        replayed=answer.replayed,
        spec_json=answer.spec_json,
    )


def destroy_command(
    request: request_pb.DestroyClusterRequest | request_pb.CancelCreateRequest | request_pb.RetryDestroyRequest,
) -> DestroyCommand:
    """A destroy, a cancel of a create, or a retry: all of them destroy the cluster."""
    fields.require(request, "cluster_id")
    return DestroyCommand(
        cluster_id=ClusterId(request.cluster_id),
        correlation_id=request.context.correlation_id,
        traceparent=request.context.traceparent,
    )


def scale_command(request: request_pb.ScaleWorkersRequest) -> ScaleCommand:
    """The profile's limits must be sent with it."""
    fields.require(request, "cluster_id")
    fields.require(request.limits, "profile")
    limits = request.limits
    return ScaleCommand(
        cluster_id=ClusterId(request.cluster_id),
        worker_replicas=request.worker_replicas,
        limits=WorkerLimits(profile=limits.profile, minimum=limits.minimum, maximum=limits.maximum),
        hourly_cost_micros=request.hourly_cost_micros,
        correlation_id=request.context.correlation_id,
        traceparent=request.context.traceparent,
    )


def extension(request: request_pb.ExtendClusterRequest) -> Extension:
    fields.require(request, "cluster_id", "hours")
    return Extension(
        cluster_id=ClusterId(request.cluster_id),
        hours=request.hours,
        max_ttl_hours=request.max_ttl_hours,
        correlation_id=request.context.correlation_id,
    )


def wanted_cluster(request: request_pb.KeepClusterAliveRequest) -> ClusterId:
    fields.require(request, "cluster_id")
    return ClusterId(request.cluster_id)


def audit_event(request: request_pb.RecordAuditRequest) -> history.AuditEvent:
    """An event that belongs to no change of a status, for example a refusal."""
    fields.require(request, "principal", "action", "outcome", "correlation_id")
    return history.new_event(
        actor=request.principal,
        action=request.action,
        cluster_id=ClusterId(request.cluster_id) if request.cluster_id else None,
        outcome=request.outcome,
        reason=request.reason,
        correlation_id=request.correlation_id,
    )
