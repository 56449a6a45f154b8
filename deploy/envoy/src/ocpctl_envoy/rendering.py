"""Writes Envoy's configuration: the templates of `files` with the values of one Envoy filled in."""

import json
import math
import shutil
from pathlib import Path
from string import Template

from ocpctl_common.settings import host_port

from ocpctl_envoy import docs, replies
from ocpctl_envoy.settings import EnvoySettings

FILES = Path(__file__).with_name("files")
DESCRIPTORS = "ocpctl.binpb"
SECRETS = ("certificate.yaml", "authorities.yaml")
PUBLIC = "public.yaml"


def write(settings: EnvoySettings) -> Path:
    """Writes all that Envoy reads into the settings' folder; returns the path of its configuration.

    The secrets' files have a folder of their own: Envoy watches it.
    """
    folder = settings.envoy_dir.resolve()
    secrets = folder / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    for name in SECRETS:
        _fill_file(secrets / name, TLS_DIR=settings.tls_dir.resolve())
    if settings.public_tls_dir:
        _fill_file(secrets / PUBLIC, TLS_DIR=settings.public_tls_dir.resolve())
    shutil.copyfile(FILES / DESCRIPTORS, folder / DESCRIPTORS)
    docs.copy(folder)
    config = folder / "envoy.yaml"
    config.write_text(render(settings))
    return config


def render(settings: EnvoySettings) -> str:
    """The configuration as YAML."""
    folder = settings.envoy_dir.resolve()
    retry_seconds = _retry_seconds(settings)
    values: dict[str, object] = {
        "LISTEN": _address(settings.listen),
        "ADMIN_LISTEN": _address(settings.admin_listen),
        "FRONT_LISTEN": _address(settings.front_listen) if settings.front_listen else "",
        # No file, so it needs no folder that can be written; a name of its own for every Envoy of a machine.
        "KEYS": json.dumps({"pipe": {"path": f"@ocpctl-keys-{settings.listen}"}}),
        "GATEWAYS": json.dumps([{"endpoint": {"address": _target(gateway)}} for gateway in settings.gateways]),
        "OTLP": json.dumps(_target(settings.otlp_endpoint)) if settings.otlp_endpoint else "",
        "AUDIENCE": json.dumps(settings.audience),
        "DESCRIPTORS": json.dumps(str(folder / DESCRIPTORS)),
        "SECRETS": folder / "secrets",
        "FRONT_PEER": json.dumps(settings.front_peer),
        "TRUSTED_PROXIES": settings.trusted_proxies,
        "CONNECTIONS": settings.connections,
        "HEAP_BYTES": settings.heap_bytes,
        "ACCESS_LOG": json.dumps(str(settings.access_log)),
        "PRINCIPAL_LIMIT": settings.requests_per_minute,
        "SIGNED_LIMIT": settings.signed_requests_per_minute,
        "ADDRESS_LIMIT": settings.unknown_requests_per_minute,
        "RETRY_SECONDS": retry_seconds,
        "TRACED": round(settings.trace_percent * 10_000),
        "CONSOLE_ORIGINS": json.dumps([{"exact": origin} for origin in settings.console_origins]),
    }
    parts = {
        "PUBLIC_TLS": _part("public_tls.yaml", values, wanted=settings.public_tls_dir),
        "TRACING": _part("tracing.yaml", values, wanted=settings.otlp_endpoint),
        "OTLP_CLUSTER": _part("otlp_cluster.yaml", values, wanted=settings.otlp_endpoint),
        "FRONT_LISTENER": _part("front_listener.yaml", values, wanted=settings.front_listen),
        "IDENTITY_REPLIES": replies.identity_mappers(),
        "LOCAL_REPLIES": replies.mappers(retry_seconds),
        "DOCS_ROUTES": docs.routes(folder),
    }
    return Template((FILES / "envoy.yaml").read_text()).substitute(values | parts)


def _fill_file(path: Path, **values: object) -> None:
    path.write_text(Template((FILES / "secrets" / path.name).read_text()).substitute(values))


def _part(name: str, values: dict[str, object], *, wanted: object) -> str:
    """A template of what an Envoy has only when that is set."""
    return Template((FILES / name).read_text()).substitute(values) if wanted else ""


def _address(address: str) -> str:
    """To listen at, as JSON."""
    host, port = host_port(address)
    # All addresses of IPv6 are all of IPv4, too.
    return json.dumps({"socket_address": {"address": host, "port_value": port, "ipv4_compat": host == "::"}})


def _target(address: str) -> dict[str, object]:
    """To connect to."""
    host, port = host_port(address)
    return {"socket_address": {"address": host, "port_value": port}}


def _retry_seconds(settings: EnvoySettings) -> int:
    """When the slower of the two buckets has its next token: they fill evenly, not once a minute."""
    return math.ceil(60 / min(settings.requests_per_minute, settings.unknown_requests_per_minute))
