"""Renders Envoy's configuration: deploy/envoy/envoy.yaml with the values of one stack filled in."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from ocpctl_local import envoy_docs, envoy_replies
from ocpctl_local.settings import Limits

FOLDER = Path(__file__).resolve().parents[4] / "deploy" / "envoy"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoySettings:
    """Ports on loopback; `tls_dir` holds Envoy's certificate; `audience` is the gateway's own."""

    listen_port: int
    admin_port: int
    gateway_ports: tuple[int, ...]
    tls_dir: Path
    audience: str
    access_log: str = "/dev/stdout"
    otlp_port: int | None = None
    limits: Limits = field(default_factory=Limits)
    console_origins: tuple[str, ...] = ()
    front_port: int = 0
    front_peer: str = ""  # DNS name in the certificate of a trusted front; none: no port for one


SECRETS = ("certificate.yaml", "authorities.yaml")


def write(settings: EnvoySettings, folder: Path) -> None:
    """Writes envoy.yaml, and its secrets' files in a folder of their own: Envoy watches that folder."""
    secrets = folder / "envoy-secrets"
    secrets.mkdir(exist_ok=True)
    for name in SECRETS:
        template = Template((FOLDER / "secrets" / name).read_text())
        (secrets / name).write_text(template.substitute(TLS_DIR=settings.tls_dir))
    (folder / "envoy.yaml").write_text(render(settings, secrets))


def render(settings: EnvoySettings, secrets: Path) -> str:
    """The configuration as YAML; `secrets` is the folder of SECRETS."""
    template = Template((FOLDER / "envoy.yaml").read_text())
    tracing = Template((FOLDER / "tracing.yaml").read_text()) if settings.otlp_port else Template("")
    otlp = Template((FOLDER / "otlp_cluster.yaml").read_text()) if settings.otlp_port else Template("")
    front = Template((FOLDER / "front_listener.yaml").read_text()) if settings.front_peer else Template("")
    retry_seconds = _retry_seconds(settings.limits)
    values: dict[str, object] = {
        "LISTEN_PORT": settings.listen_port,
        "ADMIN_PORT": settings.admin_port,
        "GATEWAYS": json.dumps([_endpoint(port) for port in settings.gateway_ports]),
        "OTLP_PORT": settings.otlp_port,
        "AUDIENCE": settings.audience,
        "DESCRIPTORS": FOLDER / "ocpctl.binpb",
        "SECRETS": secrets,
        "FRONT_PORT": settings.front_port,
        "FRONT_PEER": settings.front_peer,
        "ACCESS_LOG": settings.access_log,
        "PRINCIPAL_LIMIT": settings.limits.requests_per_minute,
        "SIGNED_LIMIT": settings.limits.signed_requests_per_minute,
        "ADDRESS_LIMIT": settings.limits.unknown_requests_per_minute,
        "RETRY_SECONDS": retry_seconds,
        "CONSOLE_ORIGINS": json.dumps([{"exact": origin} for origin in settings.console_origins]),
    }
    parts = {
        "TRACING": tracing.substitute(values),
        "OTLP_CLUSTER": otlp.substitute(values),
        "FRONT_LISTENER": front.substitute(values),
        "IDENTITY_REPLIES": envoy_replies.identity_mappers(),
        "LOCAL_REPLIES": envoy_replies.mappers(retry_seconds),
        "DOCS_ROUTES": envoy_docs.routes(),
    }
    return template.substitute(values | parts)


def _endpoint(port: int) -> dict[str, object]:
    return {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}


def _retry_seconds(limits: Limits) -> int:
    """When the slower of the two buckets has its next token: they fill evenly, not once a minute."""
    return math.ceil(60 / min(limits.requests_per_minute, limits.unknown_requests_per_minute))
