"""Destroying what an attempt made: in its own account, from a copy of its metadata, until it is proven gone."""

import hashlib
import json
import re
from pathlib import Path

import structlog
from botocore.exceptions import ClientError
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import Unavailable
from ocpctl_common.failpoints import Failpoint, reach

from ocpctl_installer_runner import proof
from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import binary, session
from ocpctl_installer_runner.installer.marks import LOG_NAME
from ocpctl_installer_runner.proof import DESTROY

MOST_ERRORS = 5
API_ERROR = re.compile(r"\b[A-Z]\w+(?:Violation|InUse|Exception|Denied|NotEmpty|Conflict|Operation)\b[^\"\\\n]{0,200}")

log = structlog.get_logger()


def clean(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """Destroys and verifies one older attempt and records the proof. Raises RunFailed, LeaseLost."""
    _check_account(attempt, dirty)
    _destroy(attempt, dirty)
    receipt = proof.prove(attempt, dirty)
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
    account = attempt.tools.account.ask()
    if account != dirty.aws_account_id:
        message = (
            f"The runner acts in account {account}, the resources are in {dirty.aws_account_id}: nothing was done."
        )
        raise RunFailed(DESTROY, message)


def _destroy(attempt: Attempt, dirty: pb.DirtyAttempt) -> None:
    """Works on a copy of the metadata: the state itself is never deleted."""
    folder = attempt.make_folder(f"destroy-{dirty.attempt_id}")
    (folder / "metadata.json").write_text(_metadata(attempt, dirty))
    attempt.progress("destroying", 10, f"Destroying everything of {dirty.infra_id}.")
    reach(Failpoint.DESTROY_START)
    installer = binary.find(attempt.tools.settings.installers_dir, dirty.installer_version)
    watch = session.Watch(stoppable=False, on_stall=lambda: _tell_what_blocks(attempt, dirty, folder))
    code = session.run(attempt, installer, ("destroy", "cluster", "--log-level=debug"), folder, watch)
    reach(Failpoint.DESTROY_DONE)
    _keep_log(attempt, dirty, folder)
    if code != 0:
        raise RunFailed(DESTROY, f"`destroy cluster` ended with exit code {code}; it is tried again.", code)


def _keep_log(attempt: Attempt, dirty: pb.DirtyAttempt, folder: Path) -> None:
    """A destroy does not fail because its log cannot be kept: the bucket may be what was lost."""
    try:
        attempt.store_log(folder, "DESTROY_LOG", f"destroy-{dirty.attempt_id}.log")
    except (Unavailable, ClientError) as error:
        log.warning("destroy log not kept", error=str(error))


def _tell_what_blocks(attempt: Attempt, dirty: pb.DirtyAttempt, folder: Path) -> None:
    """Names what is left and what the cloud says about it, for the owner to read in the job."""
    seen = proof.look(attempt, dirty)
    text = (folder / LOG_NAME).read_text(errors="replace") if (folder / LOG_NAME).exists() else ""
    errors = list(dict.fromkeys(API_ERROR.findall(text)))[-MOST_ERRORS:]
    minutes = attempt.tools.settings.stall_seconds / 60
    blocker = f"No progress for {minutes:.0f} minutes. {seen.summary} The cloud says: {'; '.join(errors) or 'nothing'}."
    attempt.progress("destroy blocked", 30, blocker, blocker=blocker)


def look_again(attempt: Attempt, gone: pb.DirtyAttempt) -> None:
    """Another look for what was proven gone; a find is destroyed and proven again. Raises RunFailed, LeaseLost."""
    _check_account(attempt, gone)
    attempt.progress("looking again", 50, f"Looking again for anything that is left of {gone.infra_id}.")
    left = proof.look(attempt, gone).names
    attempt.lease.check()
    attempt.tools.port.resweep(
        pb.ResweepRequest(
            cluster_id=attempt.grant.cluster_id,
            fence=attempt.grant.fence,
            runner_id=attempt.tools.settings.runner_id,
            attempt_id=gone.attempt_id,
            found=left,
        )
    )
    if left:
        clean(attempt, gone)


def _metadata(attempt: Attempt, dirty: pb.DirtyAttempt) -> str:
    """The metadata as it was authorised; when it is damaged, the minimum that destroy needs."""
    if hashlib.sha256(dirty.metadata_json.encode()).hexdigest() == dirty.metadata_sha256:
        return dirty.metadata_json
    log.warning("metadata is damaged; the minimum is rebuilt", attempt_id=dirty.attempt_id, infra_id=dirty.infra_id)
    marks = ("kubernetes.io/cluster", "sigs.k8s.io/cluster-api-provider-aws/cluster")
    identifier = [{f"{mark}/{dirty.infra_id}": "owned"} for mark in marks]
    aws = {"region": dirty.region, "identifier": identifier, "clusterDomain": attempt.domain}
    return json.dumps({"clusterName": attempt.spec.name, "infraID": dirty.infra_id, "aws": aws})
