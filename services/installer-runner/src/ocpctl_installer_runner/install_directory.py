"""The install directory of an attempt: the configuration, and what the installer makes of it."""

import shutil
from pathlib import Path
from typing import Never

from ocpctl_common.profiles.render import (
    SCHEDULER_MANIFEST,
    Identity,
    as_text,
    render_install_config,
    scheduler_manifest,
)

from ocpctl_installer_runner import installer_artifacts
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import installer_command, products
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.failure_rules import Ended
from ocpctl_installer_runner.installer.installer_command import Watch
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.run import Run

CONFIG = "install-config.yaml"
IDENTIFIED = "identified"
NOT_RUNNABLE = "InstallerNotRunnable"  # also a rule of failure_rules.yaml


def write_config(run: Run, folder: Path, *, manual_credentials: bool) -> Path:
    """The installer takes its file away; returns another one, for other programs."""
    grant, pull_secret = run.context.grant, run.dependencies.pull_secret()
    run.secrets.add(*pull_secret.secrets)
    identity = Identity(cluster_id=grant.cluster_id, attempt_id=grant.attempt_id)
    config = render_install_config(
        run.context.spec, identity, pull_secret=pull_secret.text, manual_credentials=manual_credentials
    )
    kept = run.workspace.path / CONFIG
    for path in (folder / CONFIG, kept):
        path.touch(mode=0o600)
        path.write_text(as_text(config))
    return kept


def make_manifests(run: Run, installer: Installer, folder: Path) -> None:
    """Fixes the identity of the cluster. Raises RunFailed, RunStopped, LeaseLost."""
    _make(run, installer, folder, "manifests")
    if run.context.spec.control_plane.schedulable:
        (folder / "manifests" / SCHEDULER_MANIFEST).write_text(scheduler_manifest())


def make_ignition_configs(run: Run, installer: Installer, folder: Path) -> None:
    """Writes metadata.json, and what the owner gets. Consumes the manifests. Raises as `make_manifests`."""
    _make(run, installer, folder, "ignition-configs")
    made = products.credentials(folder)
    run.secrets.add(made.password, made.kubeconfig.decode(), *made.keys)


def copy(run: Run, folder: Path) -> Path:
    """What is to be known before anything is made comes from a copy: credentials go in before the ignition configs."""
    return Path(shutil.copytree(folder, run.workspace.path / IDENTIFIED, symlinks=True))


def _make(run: Run, installer: Installer, folder: Path, what: str) -> None:
    """The log is shown when the credentials that these commands make are known: by `create cluster`, which goes on with
    the same log, or here when there will be none.
    """
    watch = Watch(stoppable=True, shown=False)
    code = installer_command.execute(run, installer, ("create", what), folder, watch)
    if code != 0:
        _check_it_ran(run, folder, code)
        installer_command.publish_log(run, folder)
        fail(run, folder, code)


def _check_it_ran(run: Run, folder: Path, code: int) -> None:
    """An installer that runs writes a log, if there is room for it. Raises RunFailed."""
    log_file = folder / LOG_NAME
    if not log_file.exists() or not log_file.stat().st_size:
        installer_artifacts.check_room(run, folder, code)
        sentence = f"The installer of this release does not run here: it ended with {code}, without a log."
        raise RunFailed("CONFIG", sentence, code, NOT_RUNNABLE)


def fail(run: Run, folder: Path, code: int) -> Never:
    """Raises RunFailed with what the log says."""
    failure = installer_artifacts.store_log(run, folder, "INSTALL_LOG", "install.log", Ended(code=code))
    raise RunFailed(failure.failure_class, failure.message, code, failure.rule, failure.tail)
