"""A granted run: its fixed context, and the parts that act for it."""

from dataclasses import dataclass

from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.providers.cloud import Cloud

from ocpctl_installer_runner.artifact_writer import ArtifactWriter
from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.lease import Lease
from ocpctl_installer_runner.lease_grants import Grant
from ocpctl_installer_runner.reporter import Reporter
from ocpctl_installer_runner.run_context import RunContext
from ocpctl_installer_runner.run_dependencies import Dependencies
from ocpctl_installer_runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Holds the parts together; it has no behaviour of its own."""

    context: RunContext
    dependencies: Dependencies
    lease: Lease
    workspace: Workspace
    secrets: KnownSecrets
    reporter: Reporter
    artifacts: ArtifactWriter

    @property
    def cloud(self) -> Cloud:
        """In which the cluster lives. Raises ProviderDisabled."""
        return self.dependencies.clouds.of(self.context.spec.platform)


def assemble(grant: Grant, lease: Lease, dependencies: Dependencies) -> Run:
    """The run of a grant."""
    spec = ResolvedSpec.from_json(grant.spec_json)
    context = RunContext(grant=grant, spec=spec, settings=dependencies.settings)
    return with_context(context, lease, dependencies, KnownSecrets())


def with_context(context: RunContext, lease: Lease, dependencies: Dependencies, secrets: KnownSecrets) -> Run:
    """The parts of a run around its context."""
    reporter = Reporter(dependencies.port, lease, context.header, secrets)
    return Run(
        context=context,
        dependencies=dependencies,
        lease=lease,
        workspace=Workspace(context.work_dir),
        secrets=secrets,
        reporter=reporter,
        artifacts=ArtifactWriter(header=context.header, store=dependencies.artifacts, lease=lease, reporter=reporter),
    )
