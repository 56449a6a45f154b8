"""The janitor's settings."""

from typing import ClassVar

from ocpctl_common.settings import DatabaseUrl, ServiceSettings
from pydantic import Field


class JanitorSettings(ServiceSettings):
    """Times are seconds."""

    SCHEDULERS: ClassVar[tuple[str, ...]] = ("QUARANTINE_SECONDS",)

    database_url: DatabaseUrl = Field(description="postgresql:// URL of the role ocpctl_reader")
    scheduler_target: str = Field(description="host:port of the schedulers: all addresses of the name, or ipv4:a:p,b:p")
    dead_letter_queue_url: str = Field(description="URL of ocpctl-jobs-dlq.fifo")
    dead_letter_interval_seconds: float = Field(60, gt=0, description="pause between looks into the dead-letter queue")
    look_interval_seconds: float = Field(60, gt=0, description="pause between looks for proofs that are due again")
    owner_interval_seconds: float = Field(60, gt=0, description="pause between looks for states that nobody works on")
    takeover_interval_seconds: float = Field(5, gt=0, description="pause between looks for dead leases")
    expiry_interval_seconds: float = Field(30, gt=0, description="pause between looks for clusters whose time is over")
    ring_interval_seconds: float = Field(15, gt=0, description="pause between looks for silent jobs")
    ring_silence_seconds: float = Field(300, gt=0, description="after this long without an answer a job is rung again")
    gauge_interval_seconds: float = Field(30, gt=0, description="pause between counts of clusters")
    usage_interval_seconds: int = Field(300, ge=1, le=3600, description="what a sample of usage stands for")
    orphan_interval_seconds: float = Field(3600, gt=0, description="pause between looks for orphans in the cloud")
    orphan_grace_seconds: float = Field(
        3600, ge=0, description="what was proven gone so short ago is no orphan: tag searches lag behind"
    )
    batch: int = Field(100, ge=1, description="candidates of one look")
