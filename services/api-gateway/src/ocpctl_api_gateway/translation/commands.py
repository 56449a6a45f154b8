"""Requests of callers as commands to the scheduler."""

import hashlib

import grpc
from google.protobuf.message import Message
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl_common.profiles.policy import CreateRequest
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.profiles.workers import WorkerLimits
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.rpc import context as call_context
from ocpctl_common.telemetry import traces

from ocpctl_api_gateway.principal import Principal, idempotency_key


def command_context(caller: Principal, context: grpc.ServicerContext, request: Message) -> request_pb.RequestContext:
    """Who commands, and how the scheduler recognizes a repeated request. Raises InvalidRequest without a key."""
    return request_pb.RequestContext(
        principal=caller.arn,
        idempotency_key=idempotency_key(context),
        request_hash=request_hash(request),
        correlation_id=call_context.request_id(),
        traceparent=traces.current_traceparent(),
    )


def request_hash(request: Message) -> bytes:
    """SHA-256 of the request, independent of the order of its fields on the wire."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def create_request(request: cluster_pb.CreateClusterRequest) -> CreateRequest:
    """An optional field that is not set stays None: 0 would be a value."""
    return CreateRequest(
        name=request.name,
        profile=request.profile,
        base_domain=request.base_domain,
        owner=request.owner,
        team=request.team,
        cost_center=request.cost_center,
        platform=request.platform,
        version=request.version,
        region=request.region,
        ttl_hours=request.ttl_hours if request.HasField("ttl_hours") else None,
        worker_replicas=request.worker_replicas if request.HasField("worker_replicas") else None,
        ssh_public_key=request.ssh_public_key,
        tags=dict(request.tags),
        keepalive_seconds=request.keepalive_seconds if request.HasField("keepalive_seconds") else None,
    )


def create_command(
    spec: ResolvedSpec, context: request_pb.RequestContext, keepalive_seconds: int
) -> request_pb.CreateClusterRequest:
    """The specification, and the keepalive, which is no part of what the cluster is."""
    return request_pb.CreateClusterRequest(
        context=context, spec_json=spec.to_json(), keepalive_seconds=keepalive_seconds
    )


def accepted_spec(answer: request_pb.AcceptedResponse) -> ResolvedSpec:
    """The specification of a replayed create, as it was accepted first."""
    return ResolvedSpec.from_json(answer.spec_json)


def create_key(context: request_pb.RequestContext) -> RequestKey:
    """The key under which the scheduler has stored the answer to a create."""
    return RequestKey(
        principal=context.principal,
        rpc="CreateCluster",
        key=context.idempotency_key,
        request_hash=context.request_hash,
    )


def replayed_create(first: Accepted) -> request_pb.AcceptedResponse:
    """The answer that the scheduler would give to the repeated create."""
    return request_pb.AcceptedResponse(
        cluster_id=first.cluster_id, job_id=first.job_id, status=first.status, replayed=True, spec_json=first.spec_json
    )


def worker_limits(limits: WorkerLimits) -> request_pb.WorkerLimits:
    """The limits that the scheduler checks a scaling against."""
    return request_pb.WorkerLimits(profile=limits.profile, minimum=limits.minimum, maximum=limits.maximum)
