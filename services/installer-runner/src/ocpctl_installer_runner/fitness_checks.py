"""What a runner checks before it takes creates: releases, pull secret, bucket, credentials, room to work."""

import os
import shutil
from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path

from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.lifecycle.states import CredentialsMode
from ocpctl_common.profiles.catalogue import load_catalogue

from ocpctl_installer_runner import cluster_credentials
from ocpctl_installer_runner.fitness import Fault
from ocpctl_installer_runner.installer import binary
from ocpctl_installer_runner.installer.promise import CLIENT, CREDENTIALS_TOOL
from ocpctl_installer_runner.installer_artifacts import DISK_FULL_BYTES
from ocpctl_installer_runner.pull_secret import BadPullSecret
from ocpctl_installer_runner.run_dependencies import Dependencies
from ocpctl_installer_runner.runner_faults import bad_pull_secret, call_refused, cloud_unreachable
from ocpctl_installer_runner.settings import RunnerSettings

WHY_TOOLS = (
    "It is needed because this runner's credentials are those of a role, or because OCPCTL_MINT_ACCOUNTS does not name "
    "their account."
)


def allowed_versions(settings: RunnerSettings) -> frozenset[str]:
    """Every release that may be asked for; empty where no profiles are set. Raises CatalogueError."""
    if settings.profiles_dir is None:
        return frozenset()
    return frozenset(
        version
        for profile in load_catalogue(settings.profiles_dir).profiles.values()
        if profile.is_offered
        for version in profile.openshift_versions.allowlist
    )


def faults(dependencies: Dependencies, versions: frozenset[str]) -> Iterator[Fault]:
    """Everything that is wrong. A cloud that does not answer counts: perhaps only this runner asks it wrongly."""
    yield from _installers(dependencies.settings, versions)
    for check in (_pull_secret, _bucket, _credentials, partial(_tools, versions)):
        try:
            yield from check(dependencies)
        except CloudRefused as error:
            yield call_refused(error)
        except CloudUnavailable as error:
            yield cloud_unreachable(error)
    yield from _work_dir(dependencies.settings)


def _work_dir(settings: RunnerSettings) -> Iterator[Fault]:
    folder = settings.work_dir
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        yield Fault("WorkFolderRunsNothing", f"{folder} is mounted so that no program runs there.")
    if shutil.disk_usage(folder).free < DISK_FULL_BYTES + binary.largest(settings.installers_dir):
        yield Fault("WorkFolderFull", f"No room for a copy of an installer is left in {folder}.")


def _installers(settings: RunnerSettings, versions: frozenset[str]) -> Iterator[Fault]:
    """Every release that may be asked for is needed; where none is named, at least one."""
    if not versions and not any(
        binary.lacking(settings.installers_dir, path.name) is None for path in _release_folders(settings)
    ):
        yield Fault("InstallerMissing", f"No release in {settings.installers_dir} can be run.")
    for version in sorted(versions):
        if failure := binary.lacking(settings.installers_dir, version):
            yield Fault(failure.rule, failure.message)


def _release_folders(settings: RunnerSettings) -> list[Path]:
    return sorted(settings.installers_dir.iterdir()) if settings.installers_dir.is_dir() else []


def _pull_secret(dependencies: Dependencies) -> Iterator[Fault]:
    try:
        dependencies.pull_secret()
    except BadPullSecret as error:
        yield bad_pull_secret(dependencies.settings, error)


def _bucket(dependencies: Dependencies) -> Iterator[Fault]:
    name = dependencies.settings.bucket
    try:
        if not dependencies.artifacts.keeps_versions():
            yield Fault("Bucket", f"The bucket {name} keeps no versions: enable its versioning.")
    except CloudRefused as error:
        yield Fault("Bucket", f"The bucket {name} cannot be used: {call_refused(error).sentence}")


def _tools(versions: frozenset[str], dependencies: Dependencies) -> Iterator[Fault]:
    """Where clusters do not make their own credentials, every release needs what makes them."""
    clouds = dependencies.clouds.by_provider.values()
    if all(cluster_credentials.mode(dependencies.settings, cloud) is CredentialsMode.MINT for cloud in clouds):
        return
    for version, program in product(sorted(versions), (CLIENT, CREDENTIALS_TOOL)):
        if failure := binary.lacking(dependencies.settings.installers_dir, version, program):
            yield Fault(failure.rule, f"{failure.message} {WHY_TOOLS}")


def _credentials(dependencies: Dependencies) -> Iterator[Fault]:
    for cloud in dependencies.clouds.by_provider.values():
        yield from (Fault(problem.name, problem.sentence) for problem in cloud.credential_problems())
