"""The settings of the api-gateway."""

from pathlib import Path
from typing import Literal, Self

from ocpctl_common.database_settings import DatabaseSettings
from ocpctl_common.settings import Address, DatabaseUrl, ServerSettings
from pydantic import Field, model_validator


class GatewaySettings(DatabaseSettings, ServerSettings):
    """Answers REST and gRPC: identifies callers, reads, and hands changes to the schedulers.

    Times are seconds. Its only right in the cloud is to read kubeconfig objects.
    """

    listen: Address = Field(
        "127.0.0.1:7010", description="host:port of the gRPC server, for Envoy; :port for all addresses"
    )
    database_url: DatabaseUrl = Field(description="postgresql:// URL of the role ocpctl_reader")
    scheduler_target: str = Field(description="host:port of the schedulers: all addresses of the name, or ipv4:a:p,b:p")
    bucket: str = Field(description="artifact bucket")
    profiles_dir: Path = Field(description="folder of the profiles")
    environment: Literal["production", "development"] = Field(
        "production", description="development allows own access keys (local_access_keys_file)"
    )
    audience: str = Field(
        min_length=1, description="public URL of this installation; a sign-in and a session are valid for it only"
    )
    sts_regions: tuple[str, ...] = Field(
        ("us-east-1",), description="AWS regions whose STS may be signed for, as JSON list"
    )
    signing_keys_file: Path = Field(
        description="keys that sign sessions; made and rotated by python -m ocpctl_api_gateway.identity.signing"
    )
    session_seconds: float = Field(
        1800, ge=60, le=43_200, description="lifetime of a session, and of each extension by its holder"
    )
    session_max_seconds: float = Field(
        43_200, ge=60, le=86_400, description="lifetime of a session in all, however often it is extended"
    )
    session_cache_seconds: float = Field(
        2.0, gt=0, le=20, description="pause between reads of changed roles and revoked sessions"
    )
    local_access_keys_file: Path | None = Field(
        None, description="access keys that the gateway verifies itself instead of AWS; refused in production"
    )
    aws_endpoint_url: str = Field(
        "", validation_alias="AWS_ENDPOINT_URL", description="the AWS endpoint, if it is not AWS"
    )
    front_peer: str = Field(
        "", description="DNS name in the certificate of a front whose identity header is believed; empty: none"
    )
    workers: int = Field(24, ge=2, description="calls served at once")
    database_connections: int = Field(8, ge=1, description="connections for reads")
    streams: int = Field(8, ge=1, description="logs and exports sent at once; each uses one of the workers")
    streams_per_caller: int = Field(3, ge=1, description="logs and exports sent at once to one caller")
    stream_seconds: float = Field(3600, gt=0, description="lifetime of a stream; its client continues with another")
    log_poll_seconds: float = Field(1, gt=0, description="pause between reads of new lines of a log")
    log_heartbeat_seconds: float = Field(15, gt=0, description="pause between heartbeats of a log without new lines")

    @model_validator(mode="after")
    def _sessions_end(self) -> Self:
        if self.session_max_seconds < self.session_seconds:
            raise ValueError("OCPCTL_SESSION_MAX_SECONDS must not be shorter than OCPCTL_SESSION_SECONDS")
        return self

    @model_validator(mode="after")
    def _leave_workers(self) -> Self:
        if self.streams > self.workers // 2:
            raise ValueError("streams may take at most half of the workers, or other calls wait for them")
        return self
