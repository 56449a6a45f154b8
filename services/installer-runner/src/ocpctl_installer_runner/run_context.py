"""What is fixed when a run starts: what was granted, the cluster's specification, the runner's settings."""

from dataclasses import dataclass
from pathlib import Path

from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.providers.protocol import Provider
from ocpctl_common.providers.registry import PROVIDERS

from ocpctl_installer_runner.lease_grants import Grant
from ocpctl_installer_runner.lease_messages import RequestHeader
from ocpctl_installer_runner.settings import RunnerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Never changes during a run."""

    grant: Grant
    spec: ResolvedSpec
    settings: RunnerSettings

    @property
    def domain(self) -> str:
        """<name>.<base domain>."""
        return f"{self.spec.name}.{self.spec.base_domain}"

    @property
    def provider(self) -> Provider:
        """Of the cluster's cloud."""
        return PROVIDERS[self.spec.platform]

    @property
    def work_dir(self) -> Path:
        """This attempt's own directory."""
        return self.settings.work_dir / self.grant.attempt_id

    @property
    def header(self) -> RequestHeader:
        """For every request about this attempt."""
        return RequestHeader.of(self.grant, self.settings.runner_id)
