"""What the servicers of clusters, jobs, profiles and operators need."""

from dataclasses import dataclass

from ocpctl_common.clock import Clock
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.profiles.catalogue import Catalogue

from ocpctl_api_gateway.identity.door import Door
from ocpctl_api_gateway.reads.reader import Reader
from ocpctl_api_gateway.scheduler_port import SchedulerPort


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """One for the process."""

    door: Door
    reader: Reader
    scheduler: SchedulerPort
    artifacts: ArtifactStore
    catalogue: Catalogue
    clock: Clock
