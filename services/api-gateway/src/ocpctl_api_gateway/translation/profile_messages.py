"""Profiles in protobuf."""

from ocpctl.v1 import profile_service_pb2 as profile_pb
from ocpctl_common.profiles.model import Profile
from ocpctl_common.profiles.workers import hourly_cost_micros


def profile(found: Profile) -> profile_pb.Profile:
    """The cost is that of the default number of workers."""
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
