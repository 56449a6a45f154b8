"""Where the internal protobuf meets the domain, with `wishes` for what people ask. Missing fields are refused here."""

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.ids import AttemptId, ClusterId
from ocpctl_common.lifecycle.retries import run_deadline
from ocpctl_common.lifecycle.states import Outcome
from ocpctl_common.store import attempts, history
from ocpctl_common.store.job_logs import LogLines
from ocpctl_common.store.orphans import FoundOrphan
from ocpctl_common.store.rows import Attempt
from ocpctl_common.store.runners import Announcement
from ocpctl_common.store.views import OutputsView

from ocpctl_scheduler.accepting import new_audit_id
from ocpctl_scheduler.ending import Ended
from ocpctl_scheduler.granting import Asker, Granted, NotGranted
from ocpctl_scheduler.leasing import Holder


def require(message: Message, *names: str) -> None:
    """Refuses a message in which one of the fields is empty."""
    missing = [name for name in names if not getattr(message, name)]
    if missing:
        problems = [FieldProblem(field=name, description="is required", reason="FIELD_REQUIRED") for name in missing]
        raise InvalidRequest(f"missing: {', '.join(missing)}", problems=problems)


def audit_event(request: request_pb.RecordAuditRequest) -> history.AuditEvent:
    """An event that belongs to no state change."""
    require(request, "principal", "action", "outcome", "correlation_id")
    return history.AuditEvent(
        id=new_audit_id(),
        actor=request.principal,
        action=request.action,
        target_cluster_id=ClusterId(request.cluster_id) if request.cluster_id else None,
        outcome=request.outcome,
        reason=request.reason,
        correlation_id=request.correlation_id,
    )


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
    require(request, "cluster_id", "fence", "runner_id")
    return Holder(cluster_id=ClusterId(request.cluster_id), fence=request.fence, runner=request.runner_id)


def asker(request: lease_pb.AcquireRequest) -> Asker:
    """Who asks for a lease."""
    return Asker(
        runner=request.runner_id,
        token=request.acquire_token,
        instance_id=request.instance_id,
        account_id=request.aws_account_id,
    )


def announcement(request: lease_pb.AnnounceRequest) -> Announcement:
    """A runner's sign of life."""
    require(request, "runner_id", "instance_id", "slots")
    return Announcement(
        runner_id=request.runner_id,
        instance_id=request.instance_id,
        slots=request.slots,
        busy=request.busy,
        valid_seconds=request.valid_seconds,
    )


def authorization(request: lease_pb.AuthorizeRequest) -> attempts.Authorization:
    """What must be durable before anything may be created: no field may be missing."""
    require(
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
        aws_account_id=request.aws_account_id,
        snapshot_key=request.snapshot_key,
        snapshot_version=request.snapshot_version,
        installer_sha256=request.installer_sha256,
    )


def stage_event(request: lease_pb.ProgressRequest) -> history.StageEvent:
    """A stage event."""
    require(request, "attempt_id", "sequence", "stage")
    return history.StageEvent(
        cluster_id=ClusterId(request.cluster_id),
        job_id=None,
        attempt_id=AttemptId(request.attempt_id),
        stage=request.stage,
        progress_percent=max(0, min(100, request.progress_percent)),
        message=request.message,
    )


def artifact(request: lease_pb.SnapshotRequest) -> attempts.Artifact:
    """An artifact in S3."""
    require(request, "attempt_id", "sequence", "artifact_type", "s3_uri", "version_id", "sha256")
    return attempts.Artifact(
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
    require(request, "attempt_id", "outcome")
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
        outputs=_outputs(request) if request.HasField("outputs") else None,
    )


def _outputs(request: lease_pb.ReportRequest) -> history.Outputs:
    outputs = request.outputs
    require(outputs, "api_url", "console_url", "kubeconfig_s3_uri", "kubeconfig_version_id", "kubeadmin_secret_arn")
    return history.Outputs(
        cluster_id=ClusterId(request.cluster_id),
        api_url=outputs.api_url,
        console_url=outputs.console_url,
        kubeconfig_s3_uri=outputs.kubeconfig_s3_uri,
        kubeconfig_version_id=outputs.kubeconfig_version_id,
        kubeconfig_sha256=outputs.kubeconfig_sha256,
        kubeadmin_secret_arn=outputs.kubeadmin_secret_arn,
    )


def acquire_response(verdict: Granted | NotGranted) -> lease_pb.AcquireResponse:
    """The verdict over a message."""
    if isinstance(verdict, Granted):
        return lease_pb.AcquireResponse(verdict=lease_pb.Verdict.GRANTED, grant=_grant(verdict))
    word = lease_pb.Verdict.LATER if verdict.later else lease_pb.Verdict.DROP
    return lease_pb.AcquireResponse(verdict=word, reason=verdict.reason)


def _grant(granted: Granted) -> lease_pb.Grant:
    destroy_at = Timestamp()
    destroy_at.FromDatetime(granted.cluster.destroy_at)
    return lease_pb.Grant(
        cluster_id=granted.cluster.id,
        job_id=granted.job.id,
        attempt_id=granted.attempt.id,
        fence=granted.attempt.fence,
        job_type=granted.job.job_type,
        mode=lease_pb.RunMode.Value.Value(granted.attempt.mode),
        spec_json=granted.cluster.spec,
        dirty=[_dirty(attempt) for attempt in granted.dirty],
        destroy_at=destroy_at,
        deadline_seconds=run_deadline(granted.attempt.mode).total_seconds(),
        correlation_id=granted.job.correlation_id,
        traceparent=granted.job.traceparent,
        attempt_number=granted.attempt.number,
        worker_replicas=granted.job.worker_replicas or 0,
        outputs=_granted_outputs(granted.outputs) if granted.outputs else None,
    )


def _granted_outputs(outputs: OutputsView) -> lease_pb.Outputs:
    return lease_pb.Outputs(
        api_url=outputs.api_url,
        console_url=outputs.console_url,
        kubeconfig_s3_uri=outputs.kubeconfig_s3_uri,
        kubeconfig_version_id=outputs.kubeconfig_version_id,
        kubeconfig_sha256=outputs.kubeconfig_sha256,
        kubeadmin_secret_arn=outputs.kubeadmin_secret_arn,
    )


def _dirty(attempt: Attempt) -> lease_pb.DirtyAttempt:
    return lease_pb.DirtyAttempt(
        attempt_id=attempt.id,
        infra_id=attempt.infra_id or "",
        metadata_json=attempt.metadata or "",
        metadata_sha256=attempt.metadata_sha256 or "",
        aws_account_id=attempt.aws_account_id or "",
        region=attempt.region,
        installer_version=attempt.installer_version,
        snapshot_key=attempt.snapshot_key or "",
        snapshot_version=attempt.snapshot_version or "",
    )


def log_lines(request: lease_pb.AppendLogRequest) -> LogLines:
    """Lines of a log."""
    require(request, "attempt_id", "first_number")
    return LogLines(attempt_id=AttemptId(request.attempt_id), first=request.first_number, lines=tuple(request.lines))


def found_orphans(request: sweep_pb.RecordOrphansRequest) -> list[FoundOrphan]:
    """Finds."""
    require(request, "account_id", "region")
    for one in request.found:
        require(one, "resource_arn", "resource_type")
    return [
        FoundOrphan(resource_arn=one.resource_arn, infra_id=one.infra_id, resource_type=one.resource_type)
        for one in request.found
    ]
