"""Which resources count as an attempt's."""

import json

from ocpctl_common.providers.cloud import Scope

from ocpctl_installer_runner.lease_grants import CleanupTarget


def scope_of(target: CleanupTarget, domain: str) -> Scope:
    """The scope of an attempt, as the scheduler describes it."""
    return Scope(
        infra_id=target.infra_id,
        region=target.region,
        domain=domain,
        cluster_uuid=_cluster_uuid(target.metadata_json),
        name_used_since=target.name_used_since,
    )


def _cluster_uuid(metadata: str) -> str:
    """Empty for damaged metadata: then the other tags must do."""
    try:
        document = json.loads(metadata)
    except ValueError:
        return ""
    return str(document.get("clusterID", "")) if isinstance(document, dict) else ""
