"""The scheduler's settings."""

from ocpctl_common.settings import ServiceSettings
from pydantic import Field

from ocpctl_scheduler.rules import LeaseRules


class SchedulerSettings(ServiceSettings):
    """Times are seconds. Runners must be given the same trust and kill times."""

    listen: str = Field("127.0.0.1:7020", description="host:port of the gRPC server")
    database_url: str = Field(description="postgresql:// URL of the role ocpctl_scheduler")
    queue_url: str = Field(description="URL of ocpctl-jobs.fifo")
    workers: int = Field(24, ge=2, description="calls served at once; each needs a database connection")
    lease_seconds: float = Field(300, gt=0, description="how long a lease lives without a heartbeat")
    trust_seconds: float = Field(180, gt=0, description="how long a runner trusts its last heartbeat")
    kill_seconds: float = Field(30, gt=0, description="how long a runner may take to kill its installer")
    quarantine_seconds: float = Field(60, ge=0, description="pause between expiry and takeover")
    backoff_unit_seconds: float = Field(60, gt=0, description="first pause before a retry; it doubles from there")
    relay_interval_seconds: float = Field(1.0, gt=0, description="pause between looks into the outbox when not woken")

    def rules(self) -> LeaseRules:
        """The times of the protocol. Raises ValueError when they contradict each other."""
        return LeaseRules(
            lease=self.lease_seconds,
            trust=self.trust_seconds,
            kill=self.kill_seconds,
            quarantine=self.quarantine_seconds,
            backoff_unit=self.backoff_unit_seconds,
        )
