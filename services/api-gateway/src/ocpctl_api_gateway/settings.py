"""The gateway's settings."""

from pathlib import Path
from typing import Self

from ocpctl_common.settings import ServiceSettings
from pydantic import Field, model_validator


class GatewaySettings(ServiceSettings):
    """The gateway holds no cloud power but reading kubeconfig objects."""

    listen: str = Field("127.0.0.1:7010", description="host:port of the gRPC server; only Envoy may reach it")
    database_url: str = Field(description="postgresql:// URL of the role ocpctl_reader")
    scheduler_target: str = Field(description="host:port of the scheduler")
    bucket: str = Field(description="artifact bucket")
    profiles_dir: Path = Field(description="folder of the profiles")
    workers: int = Field(24, ge=2, description="calls served at once")
    database_connections: int = Field(8, ge=1, description="connections for reads")
    streams: int = Field(8, ge=1, description="logs and exports sent at once; each holds one of the workers")
    streams_per_caller: int = Field(3, ge=1, description="of these, what one caller may have")
    stream_seconds: float = Field(3600, gt=0, description="a stream ends after it; its client goes on with another")
    log_poll_seconds: float = Field(1, gt=0, description="pause between looks for new lines of a log")
    log_heartbeat_seconds: float = Field(15, gt=0, description="a log without news tells so often that it lives")

    @model_validator(mode="after")
    def _leave_workers(self) -> Self:
        if self.streams > self.workers // 2:
            raise ValueError("streams may take at most half of the workers, or other calls wait for them")
        return self
