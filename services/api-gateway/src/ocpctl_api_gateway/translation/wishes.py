"""What people ask for, on its way to the scheduler."""

import hashlib

from google.protobuf.message import Message
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl_common.profiles.policy import CreateRequest
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.profiles.workers import WorkerLimits
from ocpctl_common.requests import Accepted, RequestKey


def request_hash(request: Message) -> bytes:
    """SHA-256 of the request as it was meant, whatever the order of its fields on the wire."""
    return hashlib.sha256(request.SerializeToString(deterministic=True)).digest()


def create_request(request: cluster_pb.CreateClusterRequest) -> CreateRequest:
    """The wish."""
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
    )


def internal_create(spec: ResolvedSpec, context: request_pb.RequestContext) -> request_pb.CreateClusterRequest:
    """What the scheduler stores."""
    return request_pb.CreateClusterRequest(context=context, spec_json=spec.to_json())


def looked_at(spec: ResolvedSpec) -> request_pb.CheckCreateRequest:
    """A create that is only looked at."""
    return request_pb.CheckCreateRequest(spec_json=spec.to_json())


def first_spec(answer: request_pb.AcceptedResponse) -> ResolvedSpec:
    """What a replayed create had resolved to when it was accepted."""
    return ResolvedSpec.from_json(answer.spec_json)


def create_key(asked: request_pb.RequestContext) -> RequestKey:
    """How a create is known."""
    return RequestKey(
        principal=asked.principal, rpc="CreateCluster", key=asked.idempotency_key, request_hash=asked.request_hash
    )


def accepted_before(first: Accepted) -> request_pb.AcceptedResponse:
    """What the scheduler would answer to the repeated create."""
    return request_pb.AcceptedResponse(
        cluster_id=first.cluster_id, job_id=first.job_id, status=first.status, replayed=True, spec_json=first.spec_json
    )


def worker_limits(limits: WorkerLimits) -> request_pb.WorkerLimits:
    """What policy allows."""
    return request_pb.WorkerLimits(profile=limits.profile, least=limits.least, most=limits.most)
