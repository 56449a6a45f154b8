"""The dependencies that several servicers share."""

from dataclasses import dataclass

from ocpctl_common.clock import Clock
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.profiles.catalogue import Catalogue

from ocpctl_api_gateway.identity.authentication import Authentication
from ocpctl_api_gateway.reads.cluster_reads import ClusterReads
from ocpctl_api_gateway.scheduler_client import SchedulerClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """One object for the process."""

    authentication: Authentication
    clusters: ClusterReads
    scheduler: SchedulerClient
    artifacts: ArtifactStore
    catalogue: Catalogue
    clock: Clock
