"""Destroying what attempts made: each in its own account, from a copy of its metadata, until it is proven gone."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import CloudRefused, OcpctlError, Unavailable
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_common.providers.protocol import ClusterIdentity

from ocpctl_installer_runner import installer_artifacts
from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import binary, file_lines, installer_command
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.teardown import verification
from ocpctl_installer_runner.teardown.cleanup_failures import Troubles, sentence
from ocpctl_installer_runner.teardown.scope import target_of
from ocpctl_installer_runner.teardown.verification import DESTROY

MOST_ERRORS = 5
LAST_WORDS = 512 * 1024  # bytes at the end of a log of any length: the last errors are repeated there

log = structlog.get_logger()


def clean(attempt: Attempt, dirty: Sequence[pb.DirtyAttempt]) -> None:
    """Destroys what every attempt made, in their order, then proves each gone and records each proof as it is reached.

    One that fails never keeps another from being destroyed or proven. Raises LeaseLost, Fenced at once; in the end the
    only failure, or RunFailed that names every attempt that is not proven, what is left of it and what the cloud says.
    """
    troubles = Troubles()
    for one in dirty:
        with troubles.kept(one):
            _check_account(attempt, one)
            _destroy(attempt, one)
    for one in dirty:
        if one.attempt_id not in troubles:
            with troubles.kept(one):
                _prove(attempt, one)
    troubles.tell()


def _prove(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    try:
        receipt = verification.prove(attempt, dirty)
    except RunFailed as failure:
        raise RunFailed(failure.failure_class, f"{failure.message} {_cloud_says(attempt, dirty)}") from failure
    attempt.lease.check()
    attempt.tools.port.cleanup_verified(
        pb.CleanupVerifiedRequest(
            cluster_id=attempt.grant.cluster_id,
            fence=attempt.grant.fence,
            runner_id=attempt.tools.settings.runner_id,
            attempt_id=dirty.attempt_id,
            receipt_json=json.dumps(receipt),
        )
    )


def _check_account(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """With credentials of another account destroy finds nothing and says that it is done."""
    account = attempt.cloud.account.ask()
    if account != dirty.aws_account_id:
        message = (
            f"The runner acts in account {account}, the resources are in {dirty.aws_account_id}: nothing was done."
        )
        raise RunFailed(RUNNER, message, rule="OtherAccount")


def _destroy(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """Works on a copy of the metadata: the state itself is never deleted."""
    installer = _installer(attempt, dirty)
    folder = attempt.make_folder(_folder(attempt, dirty).name)
    (folder / "metadata.json").write_text(_metadata(attempt, dirty))
    attempt.progress("destroying", 10, f"Destroying everything of {dirty.infra_id}.")
    reach(Failpoint.DESTROY_START)
    attempt.cloud.prepare_destroy(target_of(dirty, attempt.domain), attempt.lease.check)
    watch = installer_command.Watch(stoppable=False, on_stall=lambda: _tell_what_blocks(attempt, dirty))
    code = installer_command.run(attempt, installer, ("destroy", "cluster", "--log-level=debug"), folder, watch)
    reach(Failpoint.DESTROY_DONE)
    _keep_log(attempt, dirty, folder)
    if code != 0:
        raise RunFailed(
            DESTROY, f"`destroy cluster` ended with exit code {code}. {_what_is_left(attempt, dirty)}", code
        )


def _installer(attempt: Attempt, dirty: pb.DirtyAttempt) -> Installer:
    """The installer that made it, looked at anew. Without a promised one the owner reads why nothing is destroyed."""
    try:
        return binary.obtain(attempt.tools.settings.installers_dir, dirty.installer_version, attempt.folder)
    except RunFailed as failure:
        attempt.progress("destroy blocked", 10, failure.message, blocker=failure.message)
        raise


def _folder(attempt: Attempt, dirty: pb.DirtyAttempt) -> Path:
    """Where the destroy of an attempt works and writes its log."""
    return attempt.folder / f"destroy-{dirty.attempt_id}"


def _keep_log(attempt: Attempt, dirty: pb.DirtyAttempt, folder: Path) -> None:
    """A destroy does not fail because its log cannot be kept: the bucket may be what was lost."""
    try:
        installer_artifacts.keep_log(attempt, folder, "DESTROY_LOG", f"destroy-{dirty.attempt_id}.log")
    except (Unavailable, CloudRefused) as error:
        log.warning("destroy log not kept", error=str(error))


def _tell_what_blocks(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """For the owner to read in the job while the destroy goes on."""
    minutes = attempt.tools.settings.stall_seconds / 60
    blocker = f"No progress for {minutes:.0f} minutes. {_what_is_left(attempt, dirty)}"
    attempt.progress("destroy blocked", 30, blocker, blocker=blocker)


def _what_is_left(attempt: Attempt, dirty: pb.DirtyAttempt) -> str:
    """What a look sees and what the cloud says about it. A look that fails is told too: it explains no less."""
    try:
        left = verification.look(attempt, dirty).summary
    except OcpctlError as error:
        left = f"What is left could not be seen: {sentence(error)}"
    return f"{left} {_cloud_says(attempt, dirty)}"


def _cloud_says(attempt: Attempt, dirty: pb.DirtyAttempt) -> str:
    """The last different errors of the API in the destroy's log."""
    log_file = _folder(attempt, dirty) / LOG_NAME
    text = file_lines.end_of(log_file, LAST_WORDS).decode(errors="replace")
    errors = list(dict.fromkeys(attempt.provider.api_errors.findall(text)))[-MOST_ERRORS:]
    return f"The cloud says: {'; '.join(errors) or 'nothing'}."


def look_again(attempt: Attempt, gone: Sequence[pb.DirtyAttempt]) -> None:
    """Another look for what was proven gone; what is found, now or before, is destroyed and proven again.

    A look that fails keeps neither the other looks nor the clean-up of their finds. Raises RunFailed, LeaseLost.
    """
    troubles, dirty = Troubles(), []
    for one in gone:
        with troubles.kept(one):
            _check_account(attempt, one)
            if _is_left(attempt, one):
                dirty.append(one)
    with troubles.gathered():
        clean(attempt, dirty)
    troubles.tell()


def _is_left(attempt: Attempt, gone: pb.DirtyAttempt) -> bool:
    """Whether a proof is needed: something is seen, or was seen before and is not proven gone since."""
    attempt.progress("looking again", 50, f"Looking again for anything that is left of {gone.infra_id}.")
    left = verification.look(attempt, gone).names
    attempt.lease.check()
    answer = attempt.tools.port.resweep(
        pb.ResweepRequest(
            cluster_id=attempt.grant.cluster_id,
            fence=attempt.grant.fence,
            runner_id=attempt.tools.settings.runner_id,
            attempt_id=gone.attempt_id,
            found=left,
        )
    )
    return bool(left) or answer.proof_needed


def _metadata(attempt: Attempt, dirty: pb.DirtyAttempt) -> str:
    """The metadata as it was authorised; when it is damaged, the minimum that destroy needs."""
    if hashlib.sha256(dirty.metadata_json.encode()).hexdigest() == dirty.metadata_sha256:
        return dirty.metadata_json
    log.warning("metadata is damaged; the minimum is rebuilt", attempt_id=dirty.attempt_id, infra_id=dirty.infra_id)
    known = ClusterIdentity(name=attempt.spec.name, infra_id=dirty.infra_id, region=dirty.region, domain=attempt.domain)
    return json.dumps(attempt.provider.rebuilt_metadata(known))
