"""A cluster, its job, lease and attempt, as the scheduler's decisions read them: of each the usual one."""

from datetime import UTC, datetime
from typing import Any, cast

from ocpctl_common.errors import OcpctlError
from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.lifecycle.states import Cleanup, ClusterStatus, JobStatus, JobType, RunMode
from ocpctl_common.store.rows import Attempt, Cluster, Job, Lease
from ocpctl_scheduler.rules import LeaseRules

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TX = cast("Any", None)  # what is decided without the database
RULES = LeaseRules(lease=300, trust=180, kill=30, quarantine=60, backoff_unit=60)
CLUSTER = Cluster(
    id=ClusterId("clu_1"),
    status=ClusterStatus.READY,
    revision=1,
    platform="aws",
    region="us-east-1",
    version="4.20.3",
    spec="{}",
    resources_remaining=True,
    ttl_hours=24,
    destroy_at=NOW,
    keepalive_seconds=None,
    expired=False,
    abandoned=False,
)
JOB = Job(
    id=JobId("job_1"),
    cluster_id=CLUSTER.id,
    job_type=JobType.CREATE,
    status=JobStatus.RUNNING,
    revision=1,
    attempt=2,
    max_attempts=3,
    lost_attempts=1,
    cleanup_runs=4,
    given_up=False,
    due=True,
    dispatch_no=7,
    cancel_requested_at=None,
    silent_rings=0,
    waits_for="",
    worker_replicas=5,
    hourly_cost_micros=99,
    error_message="an older trouble",
    correlation_id="cor_1",
    traceparent="",
)
ATTEMPT = Attempt(
    id=AttemptId("att_1"),
    job_id=JOB.id,
    number=2,
    mode=RunMode.INSTALL,
    fence=3,
    region="us-east-1",
    installer_version="4.20.3",
    infra_id=None,
    metadata=None,
    metadata_sha256=None,
    account_id="123456789012",
    snapshot_key=None,
    snapshot_version=None,
    resweeps=0,
    cleanup=Cleanup.REQUIRED,
    found_again=False,
    seconds=1,
    name_used_since=False,
)
LEASE = Lease(
    cluster_id=CLUSTER.id,
    fence=3,
    job_id=JOB.id,
    attempt_id=ATTEMPT.id,
    locked_by="runner-1",
    acquire_token="t1",
    expired=False,
)
FREE = Lease(
    cluster_id=CLUSTER.id, fence=3, job_id=None, attempt_id=None, locked_by=None, acquire_token=None, expired=False
)
# May it be extended, may its create be cancelled (before and after a cancel), may its destroy be tried again.
MAY = {
    "PENDING": (True, True, True, False),
    "CREATING": (True, True, True, False),
    "READY": (True, False, False, False),
    "SCALING": (True, False, False, False),
    "DESTROYING": (False, False, True, True),
    "DESTROYED": (False, False, False, False),
    "FAILED": (False, False, False, True),
}


def told(check: Any, *words: Any) -> str:
    """The reason of a refusal, or "" when there is none."""
    try:
        check(*words)
    except OcpctlError as refused:
        return refused.problems[0].reason if refused.problems else refused.reason
    return ""
