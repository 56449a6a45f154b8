"""Whose resources are looked for."""

import json
from dataclasses import dataclass

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.cloud.resources.thing import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One attempt. `domain` is <name>.<base domain>; `name_used_since`: another was allowed to use it afterwards."""

    infra_id: str
    region: str
    domain: str
    cluster_uuid: str = ""
    name_used_since: bool = False

    @property
    def owner(self) -> Owner:
        """In the cloud's words."""
        return Owner(infra_id=self.infra_id, cluster_uuid=self.cluster_uuid)


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
