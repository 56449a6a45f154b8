"""`openshift-install destroy cluster` for one attempt, from a copy of its metadata."""

import hashlib
import json
from pathlib import Path

import structlog
from ocpctl_common.errors import CloudRefused, OcpctlError, Unavailable
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.providers.protocol import ClusterIdentity

from ocpctl_installer_runner import installer_artifacts
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import binary, file_lines, installer_command
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.teardown import verification
from ocpctl_installer_runner.teardown.cleanup_failures import sentence
from ocpctl_installer_runner.teardown.scope import scope_of
from ocpctl_installer_runner.teardown.verification import DESTROY

MAX_ERRORS = 5
LOG_END_BYTES = 512 * 1024  # of a log of any length: the last errors are repeated there

log = structlog.get_logger()


def destroy(run: Run, target: CleanupTarget) -> None:
    """Works on a copy of the metadata: the state itself is never deleted. Raises RunFailed, LeaseLost, Unavailable."""
    installer = _installer(run, target)
    folder = run.workspace.make_folder(_folder(run, target).name)
    (folder / "metadata.json").write_text(_metadata(run, target))
    run.reporter.progress("destroying", 10, f"Destroying everything of {target.infra_id}.")
    reach(Failpoint.DESTROY_START)
    run.cloud.prepare_destroy(scope_of(target, run.context.domain), run.lease.check)
    code = _run_installer(run, target, installer, folder)
    reach(Failpoint.DESTROY_DONE)
    _store_log(run, target, folder)
    if code != 0:
        message = f"`destroy cluster` ended with exit code {code}. {_what_is_left(run, target)}"
        raise RunFailed(DESTROY, message, code)
    run.cloud.delete_credentials(scope_of(target, run.context.domain), run.lease.check)


def _run_installer(run: Run, target: CleanupTarget, installer: Installer, folder: Path) -> int:
    words = ("destroy", "cluster", "--log-level=debug")
    watch = installer_command.Watch(stoppable=False, on_stall=lambda: _tell_what_blocks(run, target))
    return installer_command.execute(run, installer, words, folder, watch)


def _installer(run: Run, target: CleanupTarget) -> Installer:
    """The release that made it, compared with its checksum again. Without it the owner reads why nothing is done."""
    try:
        return binary.obtain(run.context.settings.installers_dir, target.installer_version, run.workspace.path)
    except RunFailed as failure:
        run.reporter.progress("destroy blocked", 10, failure.message, blocker=failure.message)
        raise


def _folder(run: Run, target: CleanupTarget) -> Path:
    """Where the destroy of an attempt works and writes its log."""
    return run.workspace.path / f"destroy-{target.attempt_id}"


def _store_log(run: Run, target: CleanupTarget, folder: Path) -> None:
    """A destroy does not fail because its log cannot be stored: the bucket may be what was lost."""
    try:
        installer_artifacts.store_log(run, folder, "DESTROY_LOG", f"destroy-{target.attempt_id}.log")
    except (Unavailable, CloudRefused) as error:
        log.warning("destroy log not stored", error=str(error))


def _tell_what_blocks(run: Run, target: CleanupTarget) -> None:
    """For the owner to read in the job while the destroy goes on."""
    minutes = run.context.settings.stall_seconds / 60
    blocker = f"No progress for {minutes:.0f} minutes. {_what_is_left(run, target)}"
    run.reporter.progress("destroy blocked", 30, blocker, blocker=blocker)


def _what_is_left(run: Run, target: CleanupTarget) -> str:
    """What a search finds and what the cloud says about it. A failed search is described too: it explains as much."""
    try:
        left = verification.summary(verification.search(run, target))
    except OcpctlError as error:
        left = f"What is left could not be seen: {sentence(error)}"
    return f"{left} {cloud_errors(run, target)}"


def cloud_errors(run: Run, target: CleanupTarget) -> str:
    """A sentence with the last different errors of the API in the destroy's log."""
    log_file = _folder(run, target) / LOG_NAME
    text = file_lines.end_of(log_file, LOG_END_BYTES).decode(errors="replace")
    errors = list(dict.fromkeys(run.context.provider.api_errors.findall(text)))[-MAX_ERRORS:]
    return f"The cloud says: {'; '.join(errors) or 'nothing'}."


def _metadata(run: Run, target: CleanupTarget) -> str:
    """The metadata as it was authorized; when it is damaged, the minimum that destroy needs."""
    if hashlib.sha256(target.metadata_json.encode()).hexdigest() == target.metadata_sha256:
        return target.metadata_json
    log.warning("metadata damaged: minimum rebuilt", attempt_id=target.attempt_id, infra_id=target.infra_id)
    context = run.context
    cluster = ClusterIdentity(
        name=context.spec.name, infra_id=target.infra_id, region=target.region, domain=context.domain
    )
    return json.dumps(context.provider.rebuilt_metadata(cluster))
