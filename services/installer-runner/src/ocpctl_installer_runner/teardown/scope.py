"""Whose resources are looked for, from what the scheduler tells."""

import json

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.providers.cloud import Target


def target_of(gone: pb.DirtyAttempt, domain: str) -> Target:
    """An attempt as the scheduler describes it."""
    return Target(
        infra_id=gone.infra_id,
        region=gone.region,
        domain=domain,
        cluster_uuid=_uuid(gone.metadata_json),
        name_used_since=gone.name_used_since,
    )


def _uuid(metadata: str) -> str:
    """Metadata that is damaged has none, and the other tags must do."""
    try:
        read = json.loads(metadata)
    except ValueError:
        return ""
    return str(read.get("clusterID", "")) if isinstance(read, dict) else ""
