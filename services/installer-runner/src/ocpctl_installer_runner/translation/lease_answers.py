"""What the scheduler answers, as the domain's values."""

from collections.abc import Mapping

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.lifecycle.states import RunMode

from ocpctl_installer_runner.lease_grants import CleanupTarget, Grant, LeaseTimes, Outputs, Verdict
from ocpctl_installer_runner.lease_messages import AnnouncementAnswer, HeartbeatAnswer

MODES: Mapping[int, RunMode] = {pb.RunMode.Value.Value(mode): mode for mode in RunMode}


def announcement_answer(answer: pb.AnnounceResponse) -> AnnouncementAnswer:
    """Whether the id is ours."""
    return AnnouncementAnswer(
        accepted=answer.accepted,
        times=lease_times(answer.times),
        valid_seconds=answer.valid_seconds,
        claim_seconds=answer.claim_seconds,
    )


def heartbeat_answer(answer: pb.HeartbeatResponse) -> HeartbeatAnswer:
    """Whether the lease is still held."""
    return HeartbeatAnswer(held=answer.held, cancel_requested=answer.cancel_requested, times=lease_times(answer.times))


def verdict(answer: pb.AcquireResponse) -> Verdict:
    return Verdict(
        word=pb.Verdict.Value.Name(answer.verdict),
        reason=answer.reason,
        grant=_grant(answer.grant) if answer.verdict == pb.Verdict.GRANTED else None,
    )


def lease_times(times: pb.LeaseTimes) -> LeaseTimes | None:
    """None where one of the times is missing: the scheduler is older than this runner, nothing may be trusted."""
    named = (times.heartbeat_seconds, times.trust_seconds, times.kill_seconds)
    return LeaseTimes(heartbeat=named[0], trust=named[1], kill=named[2]) if all(time > 0 for time in named) else None


def _grant(grant: pb.Grant) -> Grant:
    return Grant(
        cluster_id=grant.cluster_id,
        job_id=grant.job_id,
        job_type=grant.job_type,
        attempt_id=grant.attempt_id,
        attempt_number=grant.attempt_number,
        fence=grant.fence,
        mode=MODES.get(grant.mode),
        spec_json=grant.spec_json,
        deadline_seconds=grant.deadline_seconds,
        correlation_id=grant.correlation_id,
        traceparent=grant.traceparent,
        times=lease_times(grant.times),
        cleanup_targets=tuple(map(_cleanup_target, grant.needing_cleanup)),
        worker_replicas=grant.worker_replicas,
        outputs=_outputs(grant.outputs) if grant.HasField("outputs") else None,
    )


def _cleanup_target(attempt: pb.CleanupTarget) -> CleanupTarget:
    return CleanupTarget(
        attempt_id=attempt.attempt_id,
        infra_id=attempt.infra_id,
        metadata_json=attempt.metadata_json,
        metadata_sha256=attempt.metadata_sha256,
        account_id=attempt.aws_account_id,
        region=attempt.region,
        installer_version=attempt.installer_version,
        name_used_since=attempt.name_used_since,
    )


def _outputs(outputs: pb.Outputs) -> Outputs:
    return Outputs(
        api_url=outputs.api_url,
        console_url=outputs.console_url,
        kubeconfig_s3_uri=outputs.kubeconfig_s3_uri,
        kubeconfig_version_id=outputs.kubeconfig_version_id,
        kubeadmin_secret_arn=outputs.kubeadmin_secret_arn,
        kubeconfig_sha256=outputs.kubeconfig_sha256,
    )
