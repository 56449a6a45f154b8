"""What all runs of a process share."""

from dataclasses import dataclass

from ocpctl_common.clock import Clock
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.providers.registry import Clouds

from ocpctl_installer_runner import pull_secret
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.installer.failure_rules import Rule
from ocpctl_installer_runner.pull_secret import PullSecret
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.translation.lease_port import LeasePort


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Thread-safe, all of them."""

    settings: RunnerSettings
    port: LeasePort
    artifacts: ArtifactStore
    secrets: SecretStore
    clouds: Clouds
    rules: tuple[Rule, ...]
    clock: Clock
    fitness: Fitness

    def pull_secret(self) -> PullSecret:
        """As it is now. Raises BadPullSecret, Unavailable, CloudRefused."""
        return pull_secret.read(self.secrets.get(self.settings.pull_secret_arn))
