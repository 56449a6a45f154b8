"""Clusters, jobs and profiles as people see them."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf import json_format
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import cluster_service_pb2 as cluster_pb
from ocpctl.v1 import job_service_pb2 as job_pb
from ocpctl.v1 import profile_service_pb2 as profile_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.profiles.model import Profile
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.profiles.workers import hourly_cost_micros
from ocpctl_common.store.attempt_views import AttemptView
from ocpctl_common.store.pages import EventView
from ocpctl_common.store.views import ClusterView, JobView

from ocpctl_api_gateway.translation.times import timestamp

CURRENCY = "USD"


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


def job(view: JobView, attempts: Iterable[AttemptView] = ()) -> job_pb.Job:
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
        attempts=map(attempt, attempts),
    )


def attempt(view: AttemptView) -> job_pb.JobAttempt:
    """A run of a job as people see it."""
    return job_pb.JobAttempt(
        id=view.id,
        number=view.number,
        mode=job_pb.AttemptMode.Value.Value(view.mode),
        fence=view.fence,
        start_time=timestamp(view.started_at),
        end_time=timestamp(view.ended_at),
        outcome=job_pb.AttemptOutcome.Value.Value(view.outcome or "UNSPECIFIED"),
        failure_class=view.failure_class,
        failure_rule=view.failure_rule,
        message=view.message,
        infra_id=view.infra_id,
        exit_code=view.exit_code,
        installer_version=view.installer_version,
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
        enabled=found.is_offered,
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
