"""The scheduler's settings."""

from collections.abc import Mapping
from typing import ClassVar, Self

from ocpctl_common.database_settings import DatabaseSettings
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.settings import Address, DatabaseUrl, ServerSettings
from pydantic import Field, model_validator

from ocpctl_scheduler.identities import InitialGrant
from ocpctl_scheduler.rules import LeaseRules


class SchedulerSettings(DatabaseSettings, ServerSettings):
    """Decides and records: requests, jobs, leases, ends. The only service that writes to the database.

    Times are seconds. The lease's times are set here only: runners and janitor are told.
    """

    SCHEDULERS: ClassVar[tuple[str, ...]] = ()

    listen: Address = Field(
        "127.0.0.1:7020", description="host:port of the gRPC server; :port for all addresses, which other machines need"
    )
    database_url: DatabaseUrl = Field(description="postgresql:// URL of the role ocpctl_scheduler")
    queue_url: str = Field(description="URL of ocpctl-jobs.fifo, for creates and scalings")
    destroy_queue_url: str = Field(description="URL of ocpctl-destroys.fifo, for whatever ends cost")
    workers: int = Field(24, ge=2, description="calls served at once; each needs a database connection")
    lease_seconds: float = Field(300, gt=0, description="how long a lease lives without a heartbeat")
    trust_seconds: float = Field(180, gt=0, description="how long a runner trusts its last heartbeat")
    kill_seconds: float = Field(30, gt=0, description="how long a runner may take to kill its installer")
    heartbeat_seconds: float = Field(20, gt=0, description="pause between a runner's heartbeats, varied by a fifth")
    claim_seconds: int = Field(
        60, ge=1, description="how long a runner may keep a message for its verdict; a dead runner's is free after it"
    )
    quarantine_seconds: float = Field(60, ge=0, description="pause between expiry and takeover")
    backoff_unit_seconds: float = Field(60, gt=0, description="first pause before a retry; it doubles from there")
    creates_at_once: int = Field(5, ge=1, description="creates at once in an account and region")
    destroys_at_once: int = Field(10, ge=1, description="clean-ups at once in an account and region")
    creates_per_hour: int = Field(10, ge=0, description="clusters that a team may create in an hour; 0: no limit")
    concurrency_restore_seconds: float = Field(
        600, gt=0, description="a throttled number of creates comes back by one so often"
    )
    verification_seconds: tuple[float, ...] = Field(
        (900, 7_200, 86_400), description="post-destroy verification so long after a proof, as JSON list"
    )
    job_log_days: int = Field(
        7, ge=1, description="lines that GET /api/v1/jobs/{id}/log shows are dropped after it; S3 keeps the logs"
    )
    usage_sample_days: int = Field(
        40, ge=1, description="samples of usage are dropped after it; what each cluster cost on a day stays"
    )
    relay_claim_seconds: float = Field(
        30.0, gt=0, description="a relay that died while it sent is made up for after it"
    )
    relay_interval_seconds: float = Field(1.0, gt=0, description="pause between passes over the outbox when not woken")
    initial_grants: tuple[InitialGrant, ...] = Field(
        (), description='roles to give once, as JSON list of {"arn", "role", "team"}; the first platform_admin'
    )

    @property
    def queues(self) -> Mapping[Pool, str]:
        """The queue of each pool."""
        return {Pool.CREATES: self.queue_url, Pool.DESTROYS: self.destroy_queue_url}

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        self.rules()
        return self

    def rules(self) -> LeaseRules:
        """The times of the protocol. Raises ValueError when they contradict each other."""
        return LeaseRules(
            lease=self.lease_seconds,
            trust=self.trust_seconds,
            kill=self.kill_seconds,
            heartbeat=self.heartbeat_seconds,
            claim=self.claim_seconds,
            quarantine=self.quarantine_seconds,
            backoff_unit=self.backoff_unit_seconds,
            creates=self.creates_at_once,
            destroys=self.destroys_at_once,
            restore=self.concurrency_restore_seconds,
            verification_pauses=self.verification_seconds,
            creates_per_hour=self.creates_per_hour,
        )
