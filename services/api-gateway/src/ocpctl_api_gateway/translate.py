"""The only place where the public protobuf meets the domain."""

import hashlib
from dataclasses import asdict
from datetime import datetime

from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import admin_service_pb2 as admin_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import profile_service_pb2 as profile_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.profiles.model import Profile
from ocpctl_common.profiles.policy import CreateRequest
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.profiles.workers import WorkerLimits, hourly_cost_micros
from ocpctl_common.store.accepting import Accepted, RequestKey
from ocpctl_common.store.operator_views import LockView, QueueView, RunnerView
from ocpctl_common.store.pages import EventView
from ocpctl_common.store.views import ClusterView, JobView

CURRENCY = "USD"


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
    return request_pb.CreateClusterRequest(
        context=context,
        spec_json=spec.to_json(),
        name=spec.name,
        platform=spec.platform,
        base_domain=spec.base_domain,
        region=spec.region,
        version=spec.version,
        profile=spec.profile,
        owner=spec.owner,
        team=spec.team,
        cost_center=spec.cost_center,
        ttl_hours=spec.ttl_hours,
        hourly_cost_micros=spec.hourly_cost_micros,
    )


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


def resolved(spec: ResolvedSpec) -> cluster_pb.ResolvedCluster:
    """What a request resolved to."""
    return cluster_pb.ResolvedCluster(
        name=spec.name,
        platform=spec.platform,
        version=spec.version,
        profile=spec.profile,
        region=spec.region,
        base_domain=spec.base_domain,
        ttl_hours=spec.ttl_hours,
        control_plane_replicas=spec.control_plane.replicas,
        worker_replicas=spec.workers.replicas,
        hourly_cost_micros=spec.hourly_cost_micros,
        currency=CURRENCY,
    )


def cluster(view: ClusterView) -> cluster_pb.Cluster:
    """A cluster as people see it."""
    return cluster_pb.Cluster(
        id=view.id,
        name=view.name,
        platform=view.platform,
        version=view.version,
        profile=view.profile,
        region=view.region,
        base_domain=view.base_domain,
        owner=view.owner,
        team=view.team,
        cost_center=view.cost_center,
        status=cluster_status(view.status),
        resources_remaining=view.resources_remaining,
        status_reason=view.status_reason,
        ttl_hours=view.ttl_hours,
        create_time=timestamp(view.created_at),
        ready_time=timestamp(view.ready_at),
        destroy_at=timestamp(view.destroy_at),
        destroyed_time=timestamp(view.destroyed_at),
        stage=view.stage,
        progress_percent=view.progress_percent,
        current_job=job(view.job) if view.job else None,
        hourly_cost_micros=view.hourly_cost_micros,
        worker_replicas=view.worker_replicas,
    )


def extended(cluster_id: str, answer: request_pb.ExtendClusterResponse) -> cluster_pb.ExtendClusterResponse:
    """The new end as people see it."""
    return cluster_pb.ExtendClusterResponse(
        cluster_id=cluster_id,
        ttl_hours=answer.ttl_hours,
        destroy_at=timestamp(datetime.fromisoformat(answer.destroy_at)),
    )


def cluster_status(word: str) -> types_pb2.ClusterStatus.Value.ValueType:
    """The enum of a status word."""
    return types_pb2.ClusterStatus.Value.Value(word)


def job(view: JobView) -> job_pb.Job:
    """A job as people see it."""
    return job_pb.Job(
        id=view.id,
        cluster_id=view.cluster_id,
        type=types_pb2.JobType.Value.Value(view.job_type),
        status=types_pb2.JobStatus.Value.Value(view.status),
        attempt=view.attempt,
        max_attempts=view.max_attempts,
        error_code=view.error_code,
        error_message=view.error_message,
        create_time=timestamp(view.created_at),
        start_time=timestamp(view.started_at),
        end_time=timestamp(view.ended_at),
        run_after=timestamp(view.run_after) if view.status == "RETRYING" else None,
        stage=view.stage,
        progress_percent=view.progress_percent,
        correlation_id=view.correlation_id,
    )


def event(view: EventView) -> cluster_pb.ClusterStageEvent:
    """A stage event as people see it."""
    return cluster_pb.ClusterStageEvent(
        time=timestamp(view.created_at),
        stage=view.stage,
        progress_percent=view.progress_percent,
        message=view.message,
        job_id=view.job_id or "",
        attempt_id=view.attempt_id or "",
    )


def attempt_receipt(document: str) -> cluster_pb.AttemptReceipt:
    """A stored receipt; fields of later versions are passed over."""
    return json_format.Parse(document, cluster_pb.AttemptReceipt(), ignore_unknown_fields=True)


def profile(found: Profile) -> profile_pb.Profile:
    """A profile as people see it."""
    workers, life = found.compute.workers, found.lifecycle
    return profile_pb.Profile(
        name=found.name,
        display_name=found.display_name,
        description=found.description,
        platform=found.platform,
        enabled=found.enabled,
        versions=found.openshift_versions.allowlist,
        default_version=found.openshift_versions.default,
        regions=found.regions.allowlist,
        default_region=found.regions.default,
        base_domains=found.base_domains.allowlist,
        control_plane_replicas=found.compute.control_plane.replicas,
        worker_replicas=workers.replicas,
        min_worker_replicas=workers.min_replicas,
        max_worker_replicas=workers.max_replicas,
        default_ttl_hours=life.default_ttl_hours,
        max_ttl_hours=life.max_ttl_hours,
        hourly_cost_micros=hourly_cost_micros(found, workers.replicas),
    )


def lock(view: LockView) -> admin_pb.Lock:
    """A held lease."""
    return admin_pb.Lock(
        cluster_id=view.cluster_id,
        cluster_name=view.cluster_name,
        job_id=view.job_id,
        job_type=types_pb2.JobType.Value.Value(view.job_type),
        attempt_id=view.attempt_id,
        runner_id=view.runner_id,
        fence=view.fence,
        lock_time=timestamp(view.locked_at),
        renew_time=timestamp(view.renewed_at),
        expire_time=timestamp(view.expires_at),
        expired=view.expired,
    )


def queue(view: QueueView) -> admin_pb.Queue:
    """What waits; the names on the wire are those of the view."""
    return admin_pb.Queue(**asdict(view))


def runner(view: RunnerView) -> admin_pb.Runner:
    """A runner."""
    return admin_pb.Runner(
        id=view.id,
        instance_id=view.instance_id,
        slots=view.slots,
        busy=view.busy,
        start_time=timestamp(view.first_seen_at),
        seen_time=timestamp(view.seen_at),
        alive=view.alive,
        locks=view.locks,
    )


def timestamp(time: datetime | None) -> Timestamp | None:
    """A time on the wire."""
    if time is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp
