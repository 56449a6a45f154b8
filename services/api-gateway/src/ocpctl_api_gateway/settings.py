"""The gateway's settings."""

from pathlib import Path

from ocpctl_common.settings import ServiceSettings
from pydantic import Field


class GatewaySettings(ServiceSettings):
    """The gateway holds no cloud power but reading kubeconfig objects."""

    listen: str = Field("127.0.0.1:7010", description="host:port of the gRPC server; only Envoy may reach it")
    database_url: str = Field(description="postgresql:// URL of the role ocpctl_reader")
    scheduler_target: str = Field(description="host:port of the scheduler")
    bucket: str = Field(description="artifact bucket")
    profiles_dir: Path = Field(description="folder of the profiles")
    workers: int = Field(24, ge=2, description="calls served at once")
    database_connections: int = Field(8, ge=1, description="connections for reads")
