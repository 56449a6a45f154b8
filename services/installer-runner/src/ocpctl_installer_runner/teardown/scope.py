"""Which resources count as an attempt's."""

import json
from dataclasses import dataclass

from ocpctl_common.cloud.resources.thing import Owner

from ocpctl_installer_runner.lease_grants import CleanupTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`domain` is <name>.<base domain>; `name_used_since`: another attempt was allowed to use it afterwards."""

    infra_id: str
    region: str
    domain: str
    cluster_uuid: str = ""
    name_used_since: bool = False

    @property
    def owner(self) -> Owner:
        """In the cloud's words."""
        return Owner(infra_id=self.infra_id, cluster_uuid=self.cluster_uuid)


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
