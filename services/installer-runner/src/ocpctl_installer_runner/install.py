"""Installing a cluster: prepare, make the identity durable, ask for permission, create, hand over."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ocpctl_common.errors import Refused
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.states import CredentialsMode

from ocpctl_installer_runner import admin_password, cluster_credentials, install_directory, installer_artifacts
from ocpctl_installer_runner.cluster_credentials import Requested
from ocpctl_installer_runner.errors import RunFailed, RunStopped
from ocpctl_installer_runner.installer import binary, installer_command, products
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.installer_command import Watch
from ocpctl_installer_runner.lease_grants import CleanupTarget, Outputs
from ocpctl_installer_runner.lease_messages import Authorization
from ocpctl_installer_runner.run import Run

SNAPSHOT = "INSTALL_DIR_SNAPSHOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An install directory whose identity is fixed. `target` is this attempt as one that may need cleanup."""

    folder: Path
    identified: Path  # the same, or a copy of it, with what the attempt is known by
    installer: Installer
    target: CleanupTarget
    requested: Requested | None  # None: the cluster makes its credentials itself


def prepare(run: Run) -> Prepared:
    """Everything that costs nothing: manifests, ignition configs, metadata. Raises RunFailed, RunStopped, LeaseLost."""
    run.reporter.progress("preparing", 1, "Rendering the configuration.")
    reach(Failpoint.RUNNER_PREPARING)
    spec = run.context.spec
    installer = binary.obtain(run.context.settings.installers_dir, spec.version, run.workspace.path)
    manual = cluster_credentials.mode(run.context.settings, run.cloud) is CredentialsMode.MANUAL
    folder = run.workspace.make_folder("install")
    config = install_directory.write_config(run, folder, manual_credentials=manual)
    install_directory.make_manifests(run, installer, folder)
    requested = cluster_credentials.read_requests(run, installer, config) if manual else None
    identified = install_directory.copy(run, folder) if manual else folder
    install_directory.make_ignition_configs(run, installer, identified)
    return Prepared(
        folder=folder,
        identified=identified,
        installer=installer,
        target=_target(run, identified),
        requested=requested,
    )


def _target(run: Run, folder: Path) -> CleanupTarget:
    metadata, spec = products.metadata(folder), run.context.spec
    return CleanupTarget(
        attempt_id=run.context.grant.attempt_id,
        infra_id=metadata.infra_id,
        metadata_json=metadata.text,
        metadata_sha256=hashlib.sha256(metadata.text.encode()).hexdigest(),
        account_id=run.cloud.account.ask(),
        region=spec.region,
        installer_version=spec.version,
    )


def authorize(run: Run, prepared: Prepared) -> None:
    """Nothing costs money before: first the snapshot is in S3, then the identity is in PostgreSQL.

    Raises RunStopped, RunFailed, LeaseLost.
    """
    run.lease.check_wanted()
    stored = installer_artifacts.store_folder(run, "install-dir-before.tar.zst", prepared.identified)
    reach(Failpoint.RUNNER_SNAPSHOT_STORED)
    run.lease.check_wanted()
    target = prepared.target
    authorization = Authorization(
        infra_id=target.infra_id,
        metadata_json=target.metadata_json,
        metadata_sha256=target.metadata_sha256,
        account_id=target.account_id,
        snapshot=stored,
        installer_sha256=prepared.installer.sha256,
        credentials_mode=CredentialsMode.MANUAL if prepared.requested else CredentialsMode.MINT,
    )
    _ask_permission(run, authorization)
    run.artifacts.record(stored, SNAPSHOT)


def _ask_permission(run: Run, authorization: Authorization) -> None:
    try:
        run.reporter.authorize(authorization)
    except Refused as refused:
        if refused.reason == "CANCELLED":
            raise RunStopped from refused
        raise RunFailed("UNKNOWN", f"The scheduler refused the install: {refused.message}") from refused


def create(run: Run, prepared: Prepared) -> Outputs:
    """Creates the cluster and stores what its owner needs. Raises RunFailed, RunStopped, RunInterrupted, LeaseLost."""
    if prepared.requested:
        _give_credentials(run, prepared, prepared.requested)
    words = ["create", "cluster", "--log-level=debug"]
    if prepared.installer.skips_password():
        words.append("--skip-password-print")
    run.reporter.progress("starting the installer", 4, f"Creating {prepared.target.infra_id}.")
    code = installer_command.execute(run, prepared.installer, words, prepared.folder, Watch(stoppable=True))
    reach(Failpoint.RUNNER_INSTALLED)
    stored = installer_artifacts.store_folder(run, "install-dir-after.tar.zst", prepared.folder)
    run.artifacts.record(stored, SNAPSHOT)
    if code != 0:
        install_directory.fail(run, prepared.folder, code)
    installer_artifacts.store_log(run, prepared.folder, "INSTALL_LOG", "install.log")
    return _outputs(run, prepared.folder)


def _give_credentials(run: Run, prepared: Prepared, requested: Requested) -> None:
    cluster_credentials.make(run, requested, prepared.target.infra_id, prepared.folder)
    install_directory.make_ignition_configs(run, prepared.installer, prepared.folder)
    cluster_credentials.check_identity(prepared.target.metadata_json, prepared.folder)


def _outputs(run: Run, folder: Path) -> Outputs:
    """Kubeconfig to S3, password to Secrets Manager; the scheduler learns only where they are."""
    made = products.credentials(folder)
    stored = run.artifacts.put_output("kubeconfig", made.kubeconfig, "application/yaml")
    return Outputs(
        api_url=made.server,
        console_url=f"https://console-openshift-console.apps.{run.context.domain}",
        kubeconfig_s3_uri=stored.uri,
        kubeconfig_version_id=stored.version_id,
        kubeconfig_sha256=stored.sha256,
        kubeadmin_secret_arn=admin_password.store(run, made.password),
    )
