"""What runner and scheduler tell each other about runners, leases and attempts, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocpctl_common.cloud.artifacts import Stored
from ocpctl_common.lifecycle.states import CredentialsMode, Outcome

from ocpctl_installer_runner.lease_grants import Grant, LeaseTimes, Outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHeader:
    """Stands in every request about an attempt. The fence lets the scheduler refuse a runner that lost its lease."""

    cluster_id: str
    fence: int
    runner_id: str
    attempt_id: str

    @classmethod
    def of(cls, grant: Grant, runner_id: str) -> "RequestHeader":
        """For the attempt that was granted to this runner."""
        return cls(cluster_id=grant.cluster_id, fence=grant.fence, runner_id=runner_id, attempt_id=grant.attempt_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A sign of life of this process. `valid_seconds` 0: the process ends, its id is free."""

    runner_id: str
    instance_id: str
    slots: int
    busy: int
    valid_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementAnswer:
    """Whether the id belongs to this process, and how long that holds. `times` None: the scheduler named none."""

    accepted: bool
    times: LeaseTimes | None
    valid_seconds: float
    claim_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequest:
    """Asks for the lease of a job's cluster. A repeated request carries the same token."""

    job_id: str
    runner_id: str
    token: str
    instance_id: str
    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatAnswer:
    """`times` None: the heartbeat renews no trust."""

    held: bool
    cancel_requested: bool
    times: LeaseTimes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What must be durable before the installer may create anything."""

    infra_id: str
    metadata_json: str
    metadata_sha256: str
    account_id: str
    snapshot: Stored
    installer_sha256: str
    credentials_mode: CredentialsMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressUpdate:
    """`sequence` grows with every update of an attempt: the scheduler ignores what comes late."""

    sequence: int
    stage: str
    percent: int
    message: str
    blocker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationCheck:
    """One search for what is left of an attempt; `found` names what exists, by type."""

    started: datetime
    ended: datetime
    found: Mapping[str, Sequence[str]]

    @property
    def names(self) -> list[str]:
        """Type and name of everything that was found."""
        return [f"{kind} {name}" for kind, names in self.found.items() for name in names]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an attempt ended. `exit_code` -1: no installer ran. `outputs`: of a successful install."""

    outcome: Outcome
    message: str = ""
    failure_class: str = ""
    exit_code: int = -1
    rule: str = ""
    log_tail: str = ""
    outputs: Outputs | None = None
