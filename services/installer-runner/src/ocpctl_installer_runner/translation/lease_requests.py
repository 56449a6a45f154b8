"""What this runner asks and tells, as messages of the lease protocol."""

from collections.abc import Sequence
from dataclasses import asdict

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.cloud.artifacts import Stored

from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.lease_messages import (
    Announcement,
    Authorization,
    LeaseRequest,
    ProgressUpdate,
    Report,
    RequestHeader,
    VerificationCheck,
)
from ocpctl_installer_runner.translation.receipts import receipt_json
from ocpctl_installer_runner.user_visible_log import Batch


def announce(announcement: Announcement) -> pb.AnnounceRequest:
    """A sign of life."""
    return pb.AnnounceRequest(**asdict(announcement))


def acquire(request: LeaseRequest) -> pb.AcquireRequest:
    """A request for a lease."""
    return pb.AcquireRequest(
        job_id=request.job_id,
        runner_id=request.runner_id,
        acquire_token=request.token,
        instance_id=request.instance_id,
        aws_account_id=request.account_id,
    )


def heartbeat(header: RequestHeader) -> pb.HeartbeatRequest:
    """The one request about a lease that names no attempt."""
    return pb.HeartbeatRequest(cluster_id=header.cluster_id, fence=header.fence, runner_id=header.runner_id)


def authorize(header: RequestHeader, authorization: Authorization) -> pb.AuthorizeRequest:
    """What must be durable before anything is created."""
    return pb.AuthorizeRequest(
        **asdict(header),
        infra_id=authorization.infra_id,
        metadata_json=authorization.metadata_json,
        metadata_sha256=authorization.metadata_sha256,
        aws_account_id=authorization.account_id,
        snapshot_key=authorization.snapshot.key,
        snapshot_version=authorization.snapshot.version_id,
        snapshot_sha256=authorization.snapshot.sha256,
        installer_sha256=authorization.installer_sha256,
        credentials_mode=authorization.credentials_mode,
    )


def progress(header: RequestHeader, update: ProgressUpdate) -> pb.ProgressRequest:
    """A stage event."""
    return pb.ProgressRequest(
        **asdict(header),
        sequence=update.sequence,
        stage=update.stage,
        progress_percent=update.percent,
        message=update.message,
        blocker=update.blocker,
    )


def append_log(header: RequestHeader, batch: Batch) -> pb.AppendLogRequest:
    """Lines of the log."""
    return pb.AppendLogRequest(**asdict(header), first_number=batch.first, lines=batch.lines)


def snapshot(header: RequestHeader, sequence: int, artifact_type: str, stored: Stored) -> pb.SnapshotRequest:
    """Where an artifact lies."""
    return pb.SnapshotRequest(
        **asdict(header),
        sequence=sequence,
        artifact_type=artifact_type,
        s3_uri=stored.uri,
        version_id=stored.version_id,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
    )


def cleanup_verified(
    header: RequestHeader, target: CleanupTarget, checks: Sequence[VerificationCheck]
) -> pb.CleanupVerifiedRequest:
    """The receipt for an attempt that this run has cleaned up; it need not be the run's own attempt."""
    return pb.CleanupVerifiedRequest(
        **(asdict(header) | {"attempt_id": target.attempt_id}), receipt_json=receipt_json(target, checks)
    )


def verify_again(header: RequestHeader, target: CleanupTarget, found: Sequence[str]) -> pb.ResweepRequest:
    """What was found of an attempt that was verified before."""
    return pb.ResweepRequest(**(asdict(header) | {"attempt_id": target.attempt_id}), found=found)


def report(header: RequestHeader, ended: Report) -> pb.ReportRequest:
    """How an attempt ended."""
    return pb.ReportRequest(
        **asdict(header),
        outcome=pb.Outcome.Value.Value(ended.outcome),
        exit_code=ended.exit_code,
        failure_class=ended.failure_class,
        message=ended.message,
        outputs=pb.Outputs(**asdict(ended.outputs)) if ended.outputs else None,
        rule=ended.rule,
        log_tail=ended.log_tail,
    )
