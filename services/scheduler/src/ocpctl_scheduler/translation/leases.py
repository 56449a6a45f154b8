"""What runners say."""

from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.ids import AttemptId, ClusterId
from ocpctl_common.lifecycle.states import CredentialsMode, Outcome
from ocpctl_common.store import artifacts, attempts, history
from ocpctl_common.store.job_logs import LogLines
from ocpctl_common.store.rows import OUTPUT_NAMES, Outputs
from ocpctl_common.store.runners import Announcement

from ocpctl_scheduler.lease_acquire import LeaseRequester
from ocpctl_scheduler.lease_complete import Ended
from ocpctl_scheduler.lease_renew import Holder
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.translation import fields


def holder(
    request: lease_pb.HeartbeatRequest
    | lease_pb.AuthorizeRequest
    | lease_pb.ProgressRequest
    | lease_pb.AppendLogRequest
    | lease_pb.SnapshotRequest
    | lease_pb.CleanupVerifiedRequest
    | lease_pb.ResweepRequest
    | lease_pb.ReportRequest,
) -> Holder:
    """Who says to hold which lease."""
    fields.require(request, "cluster_id", "fence", "runner_id")
    return Holder(cluster_id=ClusterId(request.cluster_id), fence=request.fence, runner=request.runner_id)


def requester(request: lease_pb.AcquireRequest) -> LeaseRequester:
    """Who asks for a lease."""
    return LeaseRequester(
        runner=request.runner_id,
        token=request.acquire_token,
        instance_id=request.instance_id,
        account_id=request.aws_account_id,
    )


def announcement(request: lease_pb.AnnounceRequest, rules: LeaseRules) -> Announcement:
    """A runner's sign of life; how long it holds is not the runner's to say."""
    fields.require(request, "runner_id", "instance_id", "slots")
    return Announcement(
        runner_id=request.runner_id,
        instance_id=request.instance_id,
        slots=request.slots,
        busy=request.busy,
        valid_seconds=rules.presence if request.valid_seconds else 0,
    )


def authorization(request: lease_pb.AuthorizeRequest) -> attempts.Authorization:
    """What must be durable before anything may be created: no field may be missing."""
    fields.require(
        request,
        "attempt_id",
        "infra_id",
        "metadata_json",
        "metadata_sha256",
        "aws_account_id",
        "snapshot_key",
        "snapshot_version",
        "snapshot_sha256",
        "installer_sha256",
    )
    return attempts.Authorization(
        attempt_id=AttemptId(request.attempt_id),
        fence=request.fence,
        infra_id=request.infra_id,
        metadata=request.metadata_json,
        metadata_sha256=request.metadata_sha256,
        account_id=request.aws_account_id,
        snapshot_key=request.snapshot_key,
        snapshot_version=request.snapshot_version,
        installer_sha256=request.installer_sha256,
        credentials_mode=_credentials_mode(request.credentials_mode),
    )


def _credentials_mode(word: str) -> CredentialsMode:
    try:
        return CredentialsMode(word or CredentialsMode.MINT)
    except ValueError as error:
        raise InvalidRequest(f"{word!r} is no credentials mode that this scheduler knows") from error


def stage_event(request: lease_pb.ProgressRequest) -> history.StageEvent:
    """A stage event."""
    fields.require(request, "attempt_id", "sequence", "stage")
    return history.StageEvent(
        cluster_id=ClusterId(request.cluster_id),
        job_id=None,
        attempt_id=AttemptId(request.attempt_id),
        stage=request.stage,
        progress_percent=max(0, min(100, request.progress_percent)),
        message=request.message,
    )


def artifact(request: lease_pb.SnapshotRequest) -> artifacts.Artifact:
    """An artifact in S3."""
    fields.require(request, "attempt_id", "sequence", "artifact_type", "s3_uri", "version_id", "sha256")
    return artifacts.Artifact(
        cluster_id=ClusterId(request.cluster_id),
        attempt_id=AttemptId(request.attempt_id),
        fence=request.fence,
        artifact_type=request.artifact_type,
        s3_uri=request.s3_uri,
        version_id=request.version_id,
        checksum=request.sha256,
        size_bytes=request.size_bytes,
    )


def ended(request: lease_pb.ReportRequest) -> Ended:
    """How an attempt ended. A successful install must bring its outputs."""
    fields.require(request, "attempt_id", "outcome")
    return Ended(
        attempt_id=AttemptId(request.attempt_id),
        how=attempts.End(
            outcome=Outcome(lease_pb.Outcome.Value.Name(request.outcome)),
            exit_code=request.exit_code,
            failure_class=request.failure_class,
            message=request.message,
            failure_rule=request.rule,
            log_tail=request.log_tail,
        ),
        outputs=_outputs(request.outputs) if request.HasField("outputs") else None,
    )


def _outputs(outputs: lease_pb.Outputs) -> Outputs:
    fields.require(outputs, *(set(OUTPUT_NAMES) - {"kubeconfig_sha256"}))
    return Outputs(**{name: getattr(outputs, name) for name in OUTPUT_NAMES})


def log_lines(request: lease_pb.AppendLogRequest) -> LogLines:
    """Lines of a log."""
    fields.require(request, "attempt_id", "first_number")
    return LogLines(attempt_id=AttemptId(request.attempt_id), first=request.first_number, lines=tuple(request.lines))
