"""What a runner is granted, or told instead."""

from dataclasses import asdict

from google.protobuf.timestamp_pb2 import Timestamp
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl_common.lifecycle.retries import run_deadline
from ocpctl_common.store.rows import Attempt

from ocpctl_scheduler.lease_acquire import Granted, NotGranted
from ocpctl_scheduler.rules import LeaseRules


def acquire_response(verdict: Granted | NotGranted, rules: LeaseRules) -> lease_pb.AcquireResponse:
    """The verdict over a message."""
    if isinstance(verdict, Granted):
        return lease_pb.AcquireResponse(verdict=lease_pb.Verdict.GRANTED, grant=_grant(verdict, rules))
    word = lease_pb.Verdict.LATER if verdict.later else lease_pb.Verdict.DROP
    return lease_pb.AcquireResponse(verdict=word, reason=verdict.reason)


def _grant(granted: Granted, rules: LeaseRules) -> lease_pb.Grant:
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
        needing_cleanup=[_cleanup_target(attempt) for attempt in granted.needing_cleanup],
        destroy_at=destroy_at,
        deadline_seconds=run_deadline(granted.attempt.mode).total_seconds(),
        correlation_id=granted.job.correlation_id,
        traceparent=granted.job.traceparent,
        attempt_number=granted.attempt.number,
        worker_replicas=granted.job.worker_replicas or 0,
        outputs=lease_pb.Outputs(**asdict(granted.outputs)) if granted.outputs else None,
        times=lease_times(rules),
    )


def lease_times(rules: LeaseRules) -> lease_pb.LeaseTimes:
    """How long a runner may trust what it is told."""
    return lease_pb.LeaseTimes(trust_seconds=rules.trust, kill_seconds=rules.kill, heartbeat_seconds=rules.heartbeat)


def _cleanup_target(attempt: Attempt) -> lease_pb.CleanupTarget:
    return lease_pb.CleanupTarget(
        attempt_id=attempt.id,
        infra_id=attempt.infra_id or "",
        metadata_json=attempt.metadata or "",
        metadata_sha256=attempt.metadata_sha256 or "",
        aws_account_id=attempt.account_id or "",
        region=attempt.region,
        installer_version=attempt.installer_version,
        snapshot_key=attempt.snapshot_key or "",
        snapshot_version=attempt.snapshot_version or "",
        name_used_since=attempt.name_used_since,
    )
