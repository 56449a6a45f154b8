"""The runner's settings."""

from pathlib import Path
from typing import ClassVar

from ocpctl_common.settings import ServiceSettings
from pydantic import Field


class RunnerSettings(ServiceSettings):
    """Times are seconds. Those of the lease come from the scheduler with every answer."""

    SCHEDULERS: ClassVar[tuple[str, ...]] = ("HEARTBEAT_SECONDS", "TRUST_SECONDS", "KILL_SECONDS", "CLAIM_SECONDS")

    runner_id: str = Field(min_length=1, description="unique name of this process")
    slots: int = Field(4, ge=1, description="installs at once")
    scheduler_target: str = Field(description="host:port of the scheduler")
    queue_url: str = Field(description="URL of ocpctl-jobs.fifo")
    bucket: str = Field(description="artifact bucket")
    pull_secret_arn: str = Field(description="secret with the pull secret")
    installers_dir: Path = Field(description="folder with <version>/openshift-install and SHA256SUMS")
    work_dir: Path = Field(description="folder for the attempts' directories; private to this runner")
    stop_seconds: float = Field(90, gt=0, description="how long the installer may take to stop after SIGTERM")
    absence_interval_seconds: float = Field(120, ge=0, description="pause between the two absence checks")
    stall_seconds: float = Field(600, gt=0, description="a destroy without progress for so long is looked into")
    scale_poll_seconds: float = Field(
        10, gt=0, description="pause between looks at a cluster's workers while they scale"
    )
    pid_namespace: bool = Field(
        default=True, description="run the installer in a PID namespace where the host allows it"
    )
    failure_rules: Path | None = Field(None, description="YAML file with failure rules of your own; they come first")
    poll_seconds: int = Field(20, ge=1, le=20, description="length of a long poll; a stop waits for the current one")
    unreachable_pause_seconds: float = Field(
        30, gt=0, description="pause when the scheduler cannot be reached; its message waits up to four times as long"
    )
    drain_seconds: float = Field(3600, ge=0, description="how long running installs may go on after SIGTERM")
