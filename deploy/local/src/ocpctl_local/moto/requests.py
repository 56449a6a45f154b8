"""What a request to the AWS endpoint tells of itself."""

import io
from typing import Any

Environ = dict[str, Any]


def service(environ: Environ) -> str:
    """The service of the signature's scope; empty: it is not signed."""
    parts = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0].split("/")
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004


def body(environ: Environ) -> bytes:
    """Can be read again afterwards."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(content)
    return content
