"""Installing a cluster: prepare, make the identity durable, ask for permission, create, hand over."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import Refused
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.profiles.render import (
    SCHEDULER_MANIFEST,
    Identity,
    as_text,
    render_install_config,
    scheduler_manifest,
)

from ocpctl_installer_runner import installer_artifacts
from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.errors import RunFailed, RunStopped
from ocpctl_installer_runner.installer import binary, installer_command, products
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.log_stages import LOG_NAME

SNAPSHOT = "INSTALL_DIR_SNAPSHOT"
NOT_RUNNABLE = "InstallerNotRunnable"  # also a rule of failure_rules.yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An install directory whose identity is fixed. `own` is this attempt as one that may have to be cleaned up."""

    folder: Path
    installer: Installer
    own: pb.DirtyAttempt


def prepare(attempt: Attempt) -> Prepared:
    """Everything that costs nothing: manifests, ignition configs, metadata. Raises RunFailed, RunStopped, LeaseLost."""
    attempt.progress("preparing", 1, "Rendering the configuration.")
    reach(Failpoint.RUNNER_PREPARING)
    installer = binary.obtain(attempt.tools.settings.installers_dir, attempt.spec.version, attempt.folder)
    folder = attempt.make_folder("install")
    _write_config(attempt, folder)
    _make(attempt, installer, folder, "manifests")
    if attempt.spec.control_plane.schedulable:
        (folder / "manifests" / SCHEDULER_MANIFEST).write_text(scheduler_manifest())
    _make(attempt, installer, folder, "ignition-configs")
    _know_credentials(attempt, folder)
    metadata = products.metadata(folder)
    own = pb.DirtyAttempt(
        attempt_id=attempt.grant.attempt_id,
        infra_id=metadata.infra_id,
        metadata_json=metadata.text,
        metadata_sha256=hashlib.sha256(metadata.text.encode()).hexdigest(),
        aws_account_id=attempt.cloud.account.ask(),
        region=attempt.spec.region,
        installer_version=attempt.spec.version,
    )
    return Prepared(folder=folder, installer=installer, own=own)


def _make(attempt: Attempt, installer: Installer, folder: Path, what: str) -> None:
    """The log is shown when the credentials that these commands make are known: by `create cluster`, which goes on with
    the same log, or here when there will be none.
    """
    code = installer_command.run(
        attempt, installer, ("create", what), folder, installer_command.Watch(stoppable=True, shown=False)
    )
    if code != 0:
        _check_it_ran(attempt, folder, code)
        installer_command.show(attempt, folder)
        _fail(attempt, folder, code)


def _check_it_ran(attempt: Attempt, folder: Path, code: int) -> None:
    """An installer that runs writes a log, whatever it says, if there is room for it. Raises RunFailed."""
    log = folder / LOG_NAME
    if not log.exists() or not log.stat().st_size:
        installer_artifacts.check_room(attempt, folder, code)
        sentence = f"The installer of this release does not run here: it ended with {code}, without a log."
        raise RunFailed("CONFIG", sentence, code, NOT_RUNNABLE)


def _write_config(attempt: Attempt, folder: Path) -> None:
    pull_secret = attempt.tools.pull_secret()
    attempt.know_secret(*pull_secret.secrets)
    identity = Identity(
        cluster_id=attempt.grant.cluster_id,
        attempt_id=attempt.grant.attempt_id,
    )
    config = render_install_config(attempt.spec, identity, pull_secret=pull_secret.text)
    path = folder / "install-config.yaml"
    path.touch(mode=0o600)
    path.write_text(as_text(config))


def _know_credentials(attempt: Attempt, folder: Path) -> None:
    made = products.credentials(folder)
    attempt.know_secret(made.password, made.kubeconfig.decode(), *made.keys)


def authorize(attempt: Attempt, prepared: Prepared) -> None:
    """The gate before money: the snapshot is in S3, then the identity is in PostgreSQL. Raises RunStopped, Refused."""
    attempt.lease.check_wanted()
    stored = installer_artifacts.keep_folder(attempt, "install-dir-before.tar.zst", prepared.folder)
    reach(Failpoint.RUNNER_SNAPSHOT_STORED)
    attempt.lease.check_wanted()
    own = prepared.own
    try:
        attempt.tools.port.authorize(
            pb.AuthorizeRequest(
                cluster_id=attempt.grant.cluster_id,
                fence=attempt.grant.fence,
                runner_id=attempt.tools.settings.runner_id,
                attempt_id=attempt.grant.attempt_id,
                infra_id=own.infra_id,
                metadata_json=own.metadata_json,
                metadata_sha256=own.metadata_sha256,
                aws_account_id=own.aws_account_id,
                snapshot_key=stored.key,
                snapshot_version=stored.version_id,
                snapshot_sha256=stored.sha256,
                installer_sha256=prepared.installer.sha256,
            )
        )
    except Refused as refused:
        if refused.reason == "CANCELLED":
            raise RunStopped from refused
        raise RunFailed("UNKNOWN", f"The scheduler refused the install: {refused.message}") from refused
    attempt.record(stored, SNAPSHOT)


def create(attempt: Attempt, prepared: Prepared) -> pb.Outputs:
    """Creates the cluster and stores what its owner needs. Raises RunFailed, RunStopped, RunInterrupted, LeaseLost."""
    words = ["create", "cluster", "--log-level=debug"]
    if prepared.installer.skips_password():
        words.append("--skip-password-print")
    attempt.progress("starting the installer", 4, f"Creating {prepared.own.infra_id}.")
    code = installer_command.run(
        attempt, prepared.installer, words, prepared.folder, installer_command.Watch(stoppable=True)
    )
    reach(Failpoint.RUNNER_INSTALLED)
    attempt.record(installer_artifacts.keep_folder(attempt, "install-dir-after.tar.zst", prepared.folder), SNAPSHOT)
    if code != 0:
        _fail(attempt, prepared.folder, code)
    installer_artifacts.keep_log(attempt, prepared.folder, "INSTALL_LOG", "install.log")
    return _outputs(attempt, prepared.folder)


def _fail(attempt: Attempt, folder: Path, code: int) -> None:
    failure = installer_artifacts.keep_log(attempt, folder, "INSTALL_LOG", "install.log", code)
    raise RunFailed(failure.failure_class, failure.message, code, failure.rule, failure.tail)


def _outputs(attempt: Attempt, folder: Path) -> pb.Outputs:
    """Kubeconfig to S3, password to Secrets Manager; the scheduler learns only where they are."""
    cluster_id = attempt.grant.cluster_id
    made = products.credentials(folder)
    attempt.lease.check()
    key = f"clusters/{cluster_id}/outputs/kubeconfig"
    stored = attempt.tools.artifacts.put(key, made.kubeconfig, "application/yaml")
    attempt.lease.check()
    arn = attempt.tools.secrets.put(f"ocpctl/clusters/{cluster_id}/kubeadmin", made.password)
    return pb.Outputs(
        api_url=made.server,
        console_url=f"https://console-openshift-console.apps.{attempt.domain}",
        kubeconfig_s3_uri=stored.uri,
        kubeconfig_version_id=stored.version_id,
        kubeconfig_sha256=stored.sha256,
        kubeadmin_secret_arn=arn,
    )
