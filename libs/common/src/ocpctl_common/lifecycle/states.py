"""The words of the lifecycle of a cluster, a job and an attempt, which may be verified.

A state names what is true of the world, not what a program is doing.
"""

from enum import StrEnum


class ClusterStatus(StrEnum):
    """Where a cluster stands."""

    PENDING = "PENDING"  # accepted; no attempt was ever authorised, so nothing exists in the cloud
    CREATING = "CREATING"  # an attempt is authorised, or is being cleaned up before the next one
    READY = "READY"  # outputs are stored
    SCALING = "SCALING"  # the number of workers is being changed
    DESTROYING = "DESTROYING"  # a destroy is requested and not yet proven
    DESTROYED = "DESTROYED"  # receipts exist for everything that was ever authorised
    FAILED = "FAILED"  # needs a person; resources_remaining says whether anything may exist


class JobType(StrEnum):
    """What a job does; the rows are in `job_kinds.py`."""

    CREATE = "CREATE"
    DESTROY = "DESTROY"
    SCALE_WORKERS = "SCALE_WORKERS"
    JANITOR_DESTROY = "JANITOR_DESTROY"
    ORPHAN_SWEEP = "ORPHAN_SWEEP"


class JobStatus(StrEnum):
    """Where a job stands."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Outcome(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    INTERRUPTED = "INTERRUPTED"
    LEASE_LOST = "LEASE_LOST"


class RunMode(StrEnum):
    """What a granted run is for; the rows are in `run_modes.py`."""

    INSTALL = "INSTALL"  # clean up older attempts, then install
    CLEANUP = "CLEANUP"  # only destroy and verify what needs cleanup
    SWEEP = "SWEEP"  # post-destroy verification; destroy what is found
    SCALE = "SCALE"  # bring the number of workers to what was asked for


class CredentialsMode(StrEnum):
    """Who makes a cluster's credentials for the cloud."""

    MINT = "MINT"  # the cluster, from access keys that it is given to keep
    MANUAL = "MANUAL"  # the runner, before the cluster is made


class Cleanup(StrEnum):
    """What is known of the resources of an attempt."""

    NOT_NEEDED = "NOT_NEEDED"  # never authorised: nothing can exist
    REQUIRED = "REQUIRED"  # authorised: something may exist
    VERIFIED = "VERIFIED"  # proven gone


WAITING_JOBS = frozenset({JobStatus.PENDING, JobStatus.RETRYING})
OPEN_JOBS = WAITING_JOBS | {JobStatus.RUNNING}
EXPIRABLE = frozenset(ClusterStatus) - {ClusterStatus.DESTROYING, ClusterStatus.DESTROYED}
EXTENDABLE = frozenset({ClusterStatus.PENDING, ClusterStatus.CREATING, ClusterStatus.READY, ClusterStatus.SCALING})
CANCELLABLE = frozenset({ClusterStatus.PENDING, ClusterStatus.CREATING})
RETRYABLE = frozenset({ClusterStatus.FAILED, ClusterStatus.DESTROYING})
