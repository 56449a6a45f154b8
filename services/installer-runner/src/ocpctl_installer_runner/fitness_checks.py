"""What a runner looks at before it takes creates: releases, pull secret, bucket, credentials, room to work."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_common.profiles.catalogue import load_catalogue

from ocpctl_installer_runner.attempt import Tools
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.fitness import Fitness, Trouble
from ocpctl_installer_runner.installer import binary
from ocpctl_installer_runner.installer_artifacts import FULL_BYTES
from ocpctl_installer_runner.pull_secret import BadPullSecret
from ocpctl_installer_runner.settings import RunnerSettings

# What the installer says when it is the runner that lacks something, before anything is made.
OWN_FAULTS = frozenset({"DiskFull", "RunnerResources", "InstallerNotRunnable"})


def allowed_versions(profiles_dir: Path) -> frozenset[str]:
    """Every release that may be asked for. Raises CatalogueError."""
    return frozenset(
        version
        for profile in load_catalogue(profiles_dir).profiles.values()
        if profile.is_offered
        for version in profile.openshift_versions.allowlist
    )


def troubles(tools: Tools, versions: frozenset[str]) -> Iterator[Trouble]:
    """Everything that is wrong. So is a cloud that does not answer: perhaps only this runner asks it wrongly."""
    yield from _installers(tools.settings, versions)
    for look in (_pull_secret, _bucket, _credentials):
        try:
            yield from look(tools)
        except CloudRefused as error:
            yield refused(error)
        except CloudUnavailable as error:
            yield unreachable(error)
    if os.statvfs(tools.settings.work_dir).f_flag & os.ST_NOEXEC:
        yield Trouble("WorkFolderRunsNothing", f"{tools.settings.work_dir} is mounted so that no program runs there.")
    needed = FULL_BYTES + binary.largest(tools.settings.installers_dir)
    if shutil.disk_usage(tools.settings.work_dir).free < needed:
        yield Trouble("WorkFolderFull", f"No room for a copy of an installer is left in {tools.settings.work_dir}.")


def _installers(settings: RunnerSettings, versions: frozenset[str]) -> Iterator[Trouble]:
    """Of every release that may be asked for; where nobody says which these are at least one is needed."""
    if not versions and not any(
        binary.lacking(settings.installers_dir, path.name) is None for path in _folders(settings)
    ):
        yield Trouble("InstallerMissing", f"No release in {settings.installers_dir} can be run.")
    for version in sorted(versions):
        if failure := binary.lacking(settings.installers_dir, version):
            yield Trouble(failure.rule, failure.message)


def _folders(settings: RunnerSettings) -> list[Path]:
    return sorted(settings.installers_dir.iterdir()) if settings.installers_dir.is_dir() else []


def _pull_secret(tools: Tools) -> Iterator[Trouble]:
    try:
        tools.pull_secret()
    except BadPullSecret as error:
        yield bad_pull_secret(tools.settings, error)


def _bucket(tools: Tools) -> Iterator[Trouble]:
    name = tools.settings.bucket
    try:
        if not tools.artifacts.keeps_versions():
            yield Trouble("Bucket", f"The bucket {name} keeps no versions: enable its versioning.")
    except CloudRefused as error:
        yield Trouble("Bucket", f"The bucket {name} cannot be used: {refused(error).sentence}")


def _credentials(tools: Tools) -> Iterator[Trouble]:
    for cloud in tools.clouds.by_provider.values():
        yield from (Trouble(problem.name, problem.sentence) for problem in cloud.credential_problems())


def bad_pull_secret(settings: RunnerSettings, error: BadPullSecret) -> Trouble:
    """What is wrong with it."""
    return Trouble("PullSecret", f"The pull secret {settings.pull_secret_arn} cannot be used: {error}.")


def refused(error: CloudRefused) -> Trouble:
    """The cloud refused this runner a call that it needs before anything is made."""
    return Trouble("Refused", f"{error.cloud} refused this runner the call {error.operation}: {error.code}.")


def unreachable(error: CloudUnavailable) -> Trouble:
    """A part of the cloud does not answer this runner."""
    return Trouble("CloudUnreachable", f"This runner does not reach what creates need: {error.message}.")


@contextmanager
def meeting(fitness: Fitness) -> Iterator[None]:
    """What a run fails with for the runner's own fault is known to its fitness."""
    try:
        yield
    except RunFailed as failure:
        if failure.failure_class == RUNNER:
            fitness.meet(Trouble(failure.rule, failure.message))
        raise


@contextmanager
def handing_back(tools: Tools) -> Iterator[None]:
    """What fails in the block for the runner's own fault hands the job back. Raises RunFailed of class RUNNER."""
    try:
        yield
    except BadPullSecret as error:
        raise _handed_back(bad_pull_secret(tools.settings, error)) from error
    except CloudRefused as error:
        raise _handed_back(refused(error)) from error
    except CloudUnavailable as error:
        raise _handed_back(unreachable(error)) from error
    except OSError as error:
        raise _handed_back(Trouble("WorkFolder", f"The work folder failed: {error.strerror}.")) from error
    except RunFailed as failure:
        if failure.rule in OWN_FAULTS:
            raise _handed_back(Trouble(failure.rule, failure.message)) from failure
        raise


def _handed_back(trouble: Trouble) -> RunFailed:
    return RunFailed(RUNNER, f"{trouble.sentence} The job is handed back. ({trouble.name})", rule=trouble.name)
