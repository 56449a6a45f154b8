"""Renders Envoy's configuration: deploy/envoy/envoy.yaml with the values of one stack filled in."""

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template

FOLDER = Path(__file__).resolve().parents[4] / "deploy" / "envoy"
# HTTP status, google.rpc.Code, reason word.
LOCAL_REPLIES = (
    (400, 3, "INVALID_REQUEST"),
    (401, 16, "NOT_AUTHENTICATED"),
    (403, 7, "NOT_PERMITTED"),
    (404, 5, "NOT_FOUND"),
    (405, 12, "METHOD_NOT_ALLOWED"),
    (408, 4, "REQUEST_TIMEOUT"),
    (413, 8, "BODY_TOO_LARGE"),
    (415, 3, "UNSUPPORTED_MEDIA_TYPE"),
    (429, 8, "RATE_LIMITED"),
    (431, 8, "HEADERS_TOO_LARGE"),
    (500, 13, "INTERNAL"),
    (502, 14, "UNAVAILABLE"),
    (503, 14, "UNAVAILABLE"),
    (504, 4, "DEADLINE_EXCEEDED"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoySettings:
    """Ports on loopback; `tls_dir` holds Envoy's certificate; `audience` is the gateway's own."""

    listen_port: int
    admin_port: int
    gateway_port: int
    tls_dir: Path
    audience: str
    access_log: str = "/dev/stdout"
    otlp_port: int | None = None


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
    values: dict[str, object] = {
        "LISTEN_PORT": settings.listen_port,
        "ADMIN_PORT": settings.admin_port,
        "GATEWAY_PORT": settings.gateway_port,
        "OTLP_PORT": settings.otlp_port,
        "AUDIENCE": settings.audience,
        "DESCRIPTORS": FOLDER / "ocpctl.binpb",
        "SECRETS": secrets,
        "ACCESS_LOG": settings.access_log,
    }
    parts = {
        "TRACING": tracing.substitute(values),
        "OTLP_CLUSTER": otlp.substitute(values),
        "LOCAL_REPLIES": _local_replies(),
        "KEYS_REPLY": _override(14, "UNAVAILABLE"),
        "AUDIENCE_REPLY": _override(16, "NOT_AUTHENTICATED"),
    }
    return template.substitute(values | parts)


def _local_replies() -> str:
    """A mapper for every status that Envoy may answer with by itself, in the shape of google.rpc.Status."""
    return "\n".join(_mapper(http, code, reason) for http, code, reason in LOCAL_REPLIES)


def _mapper(http: int, code: int, reason: str) -> str:
    comparison = f"{{op: EQ, value: {{default_value: {http}, runtime_key: ocpctl.reply.{http}}}}}"
    return (
        f"                    - filter: {{status_code_filter: {{comparison: {comparison}}}}}\n{_override(code, reason)}"
    )


def _override(code: int, reason: str) -> str:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "ocpctl"}
    request = {"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "%REQ(X-REQUEST-ID)%"}
    body = json.dumps({"code": code, "message": "%LOCAL_REPLY_BODY%", "details": [info, request]})
    return f"                      body_format_override: {{json_format: {body}, content_type: application/json}}"
