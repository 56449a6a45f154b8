"""Settings: one frozen model a service, built once in its `__main__` from environment variables OCPCTL_*."""

import os
import sys
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "OCPCTL_"


class ServiceSettings(BaseSettings):
    """What every service has."""

    SCHEDULERS: ClassVar[tuple[str, ...]] = ()  # names that the scheduler alone may be given

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    listen: str = Field("127.0.0.1:0", description="host:port of the gRPC server; port 0 takes a free one")
    metrics_listen: str = Field("127.0.0.1:0", description="host:port of /metrics, /healthz and /readyz")
    tls_dir: Path = Field(description="folder with tls.crt, tls.key, ca.crt; replaced files are used without a restart")
    connection_seconds: float = Field(
        600, gt=0, description="a connection to this server is renewed so often; a withdrawn certificate ends with it"
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="lowest level that is logged")
    otlp_endpoint: str | None = Field(None, description="host:port of an OTLP gRPC collector; unset: no traces")
    shutdown_seconds: float = Field(5.0, ge=0, description="how long running calls may finish after SIGTERM")

    @classmethod
    def load(cls) -> Self:
        """The settings of this process; ends the process with a message for people when they are wrong."""
        # A time that is set but not used would be believed: two owners of the lease's times are two installers.
        if misplaced := [PREFIX + name for name in cls.SCHEDULERS if PREFIX + name in os.environ]:
            sys.exit(f"settings of the scheduler alone, which tells them to this service: {', '.join(misplaced)}")
        try:
            return cls()
        except ValidationError as error:
            lines = [f"  {_said(item['loc'], item['msg'])}" for item in error.errors()]
            sys.exit("wrong or missing settings (environment variables):\n" + "\n".join(lines))


def _said(location: tuple[int | str, ...], message: str) -> str:
    """The setting and what is wrong with it; of several that do not go together only the sentence that names them."""
    name = "_".join(str(part) for part in location).upper()
    return f"{PREFIX}{name}: {message}" if name else message.removeprefix("Value error, ")


def host_port(address: str) -> tuple[str, int]:
    """Splits `host:port`."""
    host, _, port = address.rpartition(":")
    return host or "127.0.0.1", int(port)
