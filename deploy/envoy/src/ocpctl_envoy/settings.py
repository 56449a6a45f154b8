"""What may be set of the Envoy in front of ocpctl."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from ocpctl_common.settings import Address, Settings, host_port
from pydantic import AfterValidator, Field, model_validator


def _is_no_name(address: str) -> str:
    host, _ = host_port(address)
    try:
        ip_address(host)
    except ValueError:
        raise ValueError(f"Envoy listens at an IP address or without a host, not at the name {host}") from None
    return address


Listen = Annotated[Address, AfterValidator(_is_no_name)]


class EnvoySettings(Settings):
    """One Envoy. Addresses are host:port, [::1]:port for IPv6; :port means all addresses of the machine."""

    envoy_dir: Path = Field(description="folder that is written; Envoy reads it where it is, and need not write there")
    listen: Listen = Field("127.0.0.1:8080", description="where clients come in: REST, gRPC and /docs")
    admin_listen: Listen = Field("127.0.0.1:9901", description="Envoy's own page: whoever reaches it can stop Envoy")
    gateways: tuple[Address, ...] = Field(
        min_length=1,
        description='all gateways, as JSON list of host:port; every address of a name is one: ["api-gateway:7010"]',
    )
    audience: str = Field(min_length=1, description="the public URL; the same as the gateway's")
    tls_dir: Path = Field(description="folder with tls.crt, tls.key, ca.crt of the name envoy; replaced files are used")
    public_tls_dir: Path | None = Field(
        None, description="folder with tls.crt, tls.key for clients; replaced files are used; unset: no TLS for clients"
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="load balancers before Envoy that add to X-Forwarded-For: who asked is told by them"
    )
    connections: int = Field(10_000, ge=10, description="most connections of clients at once; others are refused")
    heap_bytes: int = Field(
        512 * 1024 * 1024, ge=64 * 1024 * 1024, description="near it Envoy answers 503 instead of dying"
    )
    access_log: Path = Field(Path("/dev/stdout"), description="file of a JSON line a request")
    otlp_endpoint: Address | None = Field(None, description="host:port of an OTLP gRPC collector; unset: no traces")
    trace_percent: float = Field(
        100, ge=0, le=100, description="share of the requests that are traced, of those whose caller has not decided it"
    )
    requests_per_minute: int = Field(100, ge=1, description="requests of a principal in a minute, at this Envoy")
    signed_requests_per_minute: int = Field(600, ge=1, description="signed requests of an address, before any check")
    unknown_requests_per_minute: int = Field(60, ge=1, description="requests of an address that has not signed in")
    console_origins: tuple[str, ...] = Field(
        (), description='origins whose pages may ask, as JSON list: ["https://console.example"]'
    )
    front_listen: Listen | None = Field(
        None, description="where a trusted front that verifies AWS signatures comes in, by mutual TLS; unset: nowhere"
    )
    front_peer: str = Field("", description="DNS name in that front's certificate; the same as the gateway's")

    @model_validator(mode="after")
    def _front_is_whole(self) -> "EnvoySettings":
        if bool(self.front_peer) != (self.front_listen is not None):
            raise ValueError("OCPCTL_FRONT_LISTEN and OCPCTL_FRONT_PEER go together: set both or none")
        return self

    @model_validator(mode="after")
    def _admin_is_elsewhere(self) -> "EnvoySettings":
        if self.admin_listen in {self.listen, self.front_listen}:
            raise ValueError("OCPCTL_ADMIN_LISTEN must be another address than those where clients come in")
        return self

    def missing(self) -> list[str]:
        """Files that Envoy would start without, and then answer nobody; each with its setting."""
        wanted = [("OCPCTL_TLS_DIR", self.tls_dir / name) for name in ("tls.crt", "tls.key", "ca.crt")]
        if public := self.public_tls_dir:
            wanted += [("OCPCTL_PUBLIC_TLS_DIR", public / name) for name in ("tls.crt", "tls.key")]
        return [f"there is no file {path} ({setting})" for setting, path in wanted if not path.is_file()]
