"""The frozen values that the store hands out, one for each row that a decision reads."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row

from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.lifecycle.states import Cleanup, ClusterStatus, JobStatus, JobType, RunMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What the scheduler decides on."""

    id: ClusterId
    status: ClusterStatus
    revision: int
    platform: str
    region: str
    version: str
    spec: str
    resources_remaining: bool
    ttl_hours: int
    destroy_at: datetime
    keepalive_seconds: int | None
    expired: bool
    abandoned: bool

    @property
    def failed_clean(self) -> bool:
        """It failed, and what it had made was proven gone."""
        return self.status is ClusterStatus.FAILED and not self.resources_remaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job with `due` decided by the database's clock."""

    id: JobId
    cluster_id: ClusterId
    job_type: JobType
    status: JobStatus
    revision: int
    attempt: int
    max_attempts: int
    lost_attempts: int
    cleanup_runs: int
    given_up: bool
    due: bool
    dispatch_no: int
    cancel_requested_at: datetime | None
    silent_rings: int
    waits_for: str
    worker_replicas: int | None
    hourly_cost_micros: int | None
    error_message: str
    correlation_id: str
    traceparent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The lease row of a cluster. `held` is whether somebody has it; `expired` is by the database's clock."""

    cluster_id: ClusterId
    fence: int
    job_id: JobId | None
    attempt_id: AttemptId | None
    locked_by: str | None
    acquire_token: str | None
    expired: bool

    @property
    def held(self) -> bool:
        """Somebody has it, expired or not."""
        return self.locked_by is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run of a job under one fence."""

    id: AttemptId
    job_id: JobId
    number: int
    mode: RunMode
    fence: int
    region: str
    installer_version: str
    infra_id: str | None
    metadata: str | None
    metadata_sha256: str | None
    account_id: str | None
    snapshot_key: str | None
    snapshot_version: str | None
    resweeps: int
    cleanup: Cleanup
    found_again: bool
    seconds: float
    name_used_since: bool


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """How to reach a cluster, of the attempt that succeeded. References only, no secret.

    `kubeconfig_sha256` is hex; empty: the runner did not record it.
    """

    api_url: str
    console_url: str
    kubeconfig_s3_uri: str
    kubeconfig_version_id: str
    kubeadmin_secret_arn: str
    kubeconfig_sha256: str = ""


OUTPUT_NAMES = tuple(field.name for field in fields(Outputs))

RowType = TypeVar("RowType", Cluster, Job, Lease, Attempt)
_CONVERTERS: dict[tuple[type, str], Callable[[Any], Any]] = {
    (Cluster, "status"): ClusterStatus,
    (Job, "status"): JobStatus,
    (Job, "job_type"): JobType,
    (Attempt, "mode"): RunMode,
    (Attempt, "cleanup"): Cleanup,
}


def read(kind: type[RowType], row: Row[Any]) -> RowType:
    """The value of a row whose column names are the fields."""
    values = {name: convert(value) for (name, value, convert) in _converted(kind, row)}
    return kind(**values)


def values_of(value: Any) -> dict[str, Any]:
    """The fields of a frozen value by name, as a statement's parameters."""
    return {name: getattr(value, name) for name in type(value).__slots__}


def _converted(kind: type, row: Row[Any]) -> list[tuple[str, Any, Callable[[Any], Any]]]:
    return [(name, value, _CONVERTERS.get((kind, name), _same)) for name, value in row._mapping.items()]


def _same(value: Any) -> Any:
    return value
