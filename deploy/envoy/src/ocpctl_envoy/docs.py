"""Envoy's routes to Swagger UI and the OpenAPI document: without signing in, without any other server."""

import json
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OWN = Path(__file__).with_name("files") / "docs"
PACKAGE = "flask_swagger_ui"  # never imported: its folder holds a release of Swagger UI as it is
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


# The transcoder would refuse what is no method of the API.
NO_METHOD = {
    "envoy.filters.http.grpc_json_transcoder": {
        "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
        "disabled": True,
    }
}
HOME = {
    "match": {"path": "/", "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]},
    "redirect": {"path_redirect": "/docs", "response_code": "FOUND"},
    "typed_per_filter_config": NO_METHOD,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A file at a path. Envoy reads its copy when it starts."""

    path: str
    file: Path
    content_type: str


def pages() -> tuple[Page, ...]:
    """Everything that a browser needs. Raises FileNotFoundError when the package lacks a file."""
    swagger = _package() / "dist"
    found = (
        Page("/openapi.json", OWN / "openapi.json", "application/json"),
        Page("/docs", OWN / "index.html", "text/html; charset=utf-8"),
        Page("/docs/start.js", OWN / "start.js", "text/javascript; charset=utf-8"),
        Page("/docs/swagger-ui-bundle.js", swagger / "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        Page("/docs/swagger-ui.css", swagger / "swagger-ui.css", "text/css; charset=utf-8"),
    )
    for page in found:
        page.file.stat()
    return found


def copy(folder: Path) -> None:
    """Puts the files into `folder`/docs."""
    (folder / "docs").mkdir(exist_ok=True)
    for page in pages():
        shutil.copyfile(page.file, folder / "docs" / page.file.name)


def routes(folder: Path) -> str:
    """The routes as YAML, to be put in front of the others; `folder` is the one of `copy`."""
    found = [HOME, *(_route(page, folder / "docs" / page.file.name) for page in pages())]
    return "\n".join(f"                        - {json.dumps(route)}" for route in found)


def _route(page: Page, file: Path) -> dict[str, object]:
    headers = {
        "content-type": page.content_type,
        "cache-control": "no-cache",
        "content-security-policy": POLICY,
    }
    return {
        "match": {"path": page.path, "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]},
        "direct_response": {"status": 200, "body": {"filename": str(file)}},
        "typed_per_filter_config": NO_METHOD,
        "response_headers_to_add": [
            {"append_action": "OVERWRITE_IF_EXISTS_OR_ADD", "header": {"key": key, "value": value}}
            for key, value in headers.items()
        ],
    }


def _package() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{PACKAGE} is not installed")
    return Path(spec.origin).parent
