"""What the scheduler grants to this runner, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocpctl_common.lifecycle.states import RunMode


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """Seconds. `trust` counts from the moment at which a successful heartbeat was sent."""

    heartbeat: float
    trust: float
    kill: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupTarget:
    """An attempt that may have left resources.

    `name_used_since`: somebody else was allowed to use the cluster's DNS name after this attempt.
    """

    attempt_id: str
    infra_id: str
    metadata_json: str
    metadata_sha256: str
    account_id: str
    region: str
    installer_version: str
    name_used_since: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """How to reach a cluster: references only, no secret. `kubeconfig_sha256` may be empty: nobody recorded it."""

    api_url: str
    console_url: str
    kubeconfig_s3_uri: str
    kubeconfig_version_id: str
    kubeadmin_secret_arn: str
    kubeconfig_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One run. `times` is None where the scheduler named none: such a grant must not be run. `mode` is None where the
    scheduler named one that this runner does not know.

    `worker_replicas` and `outputs` are for the mode SCALE.
    """

    cluster_id: str
    job_id: str
    job_type: str
    attempt_id: str
    attempt_number: int
    fence: int
    mode: RunMode | None
    spec_json: str
    deadline_seconds: float
    correlation_id: str
    traceparent: str
    times: LeaseTimes | None
    cleanup_targets: Sequence[CleanupTarget] = ()
    worker_replicas: int = 0
    outputs: Outputs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The scheduler's durable answer to a request for a lease; without a grant `word` and `reason` say why."""

    word: str
    reason: str = ""
    grant: Grant | None = None
