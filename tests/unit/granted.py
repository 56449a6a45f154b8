"""What a runner is granted, for tests that care about some of it."""

from typing import Any

from ocpctl_common.lifecycle.states import RunMode
from ocpctl_installer_runner.lease_grants import CleanupTarget, Grant, LeaseTimes, Outputs

TIMES = LeaseTimes(heartbeat=20, trust=180, kill=30)


def grant(**changes: Any) -> Grant:
    """A grant that can be run."""
    values: dict[str, Any] = {
        "cluster_id": "clu_1",
        "job_id": "job_1",
        "job_type": "CREATE",
        "attempt_id": "att_1",
        "attempt_number": 1,
        "fence": 1,
        "mode": RunMode.INSTALL,
        "spec_json": "",
        "deadline_seconds": 60,
        "correlation_id": "",
        "traceparent": "",
        "times": TIMES,
    }
    return Grant(**(values | changes))


def target(attempt_id: str = "", **changes: Any) -> CleanupTarget:
    """An attempt that may have left resources."""
    values: dict[str, Any] = {
        "attempt_id": attempt_id,
        "infra_id": f"i-{attempt_id}",
        "metadata_json": "",
        "metadata_sha256": "",
        "account_id": "1",
        "region": "us-west-2",
        "installer_version": "4.20.3",
    }
    return CleanupTarget(**(values | changes))


def outputs(**changes: str) -> Outputs:
    """Of a cluster that works."""
    values = dict.fromkeys(
        ("api_url", "console_url", "kubeconfig_s3_uri", "kubeconfig_version_id", "kubeadmin_secret_arn"), "-"
    )
    return Outputs(**(values | changes))
