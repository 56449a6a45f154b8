"""Clusters in protobuf."""

from datetime import datetime

from google.protobuf import json_format
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.store.queries.details import ClusterView
from ocpctl_common.store.queries.lists import EventView

from ocpctl_api_gateway.translation import job_messages
from ocpctl_api_gateway.translation.times import timestamp

CURRENCY = "USD"


def resolved(spec: ResolvedSpec) -> cluster_pb.ResolvedCluster:
    """What policy made of a request."""
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
    return cluster_pb.Cluster(
        id=view.id,
        name=view.spec.name,
        platform=view.spec.platform,
        version=view.spec.version,
        profile=view.spec.profile,
        region=view.spec.region,
        base_domain=view.spec.base_domain,
        owner=view.spec.owner,
        team=view.spec.team,
        cost_center=view.spec.cost_center,
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
        current_job=job_messages.job(view.job) if view.job else None,
        hourly_cost_micros=view.hourly_cost_micros,
        worker_replicas=view.worker_replicas,
        credentials_mode=_credentials_mode(view.credentials_mode),
        alive_until=timestamp(view.alive_until),
        estimated_ready_time=timestamp(view.estimated_ready_at),
    )


def _credentials_mode(mode: str | None) -> types_pb2.CredentialsMode.Value.ValueType | None:
    return types_pb2.CredentialsMode.Value.Value(mode) if mode else None


def extended(cluster_id: str, answer: request_pb.ExtendClusterResponse) -> cluster_pb.ExtendClusterResponse:
    return cluster_pb.ExtendClusterResponse(
        cluster_id=cluster_id,
        ttl_hours=answer.ttl_hours,
        destroy_at=timestamp(datetime.fromisoformat(answer.destroy_at)),
    )


def kept_alive(cluster_id: str, answer: request_pb.KeepClusterAliveResponse) -> cluster_pb.KeepClusterAliveResponse:
    return cluster_pb.KeepClusterAliveResponse(
        cluster_id=cluster_id,
        alive_until=timestamp(datetime.fromisoformat(answer.alive_until)),
        destroy_at=timestamp(datetime.fromisoformat(answer.destroy_at)),
    )


def cluster_status(status: str) -> types_pb2.ClusterStatus.Value.ValueType:
    return types_pb2.ClusterStatus.Value.Value(status)


def event(view: EventView) -> cluster_pb.ClusterStageEvent:
    return cluster_pb.ClusterStageEvent(
        time=timestamp(view.created_at),
        stage=view.stage,
        progress_percent=view.progress_percent,
        message=view.message,
        job_id=view.job_id or "",
        attempt_id=view.attempt_id or "",
    )


def attempt_receipt(document: str) -> cluster_pb.AttemptReceipt:
    """Reads a stored receipt. Fields of later versions are ignored."""
    return json_format.Parse(document, cluster_pb.AttemptReceipt(), ignore_unknown_fields=True)
