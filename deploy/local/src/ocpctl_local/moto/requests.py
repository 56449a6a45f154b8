"""What a request to the AWS endpoint tells of itself."""

import io
from typing import Any

Environ = dict[str, Any]


def service(environ: Environ) -> str:
    """The service of the signature's scope; empty: it is not signed."""
    parts = _credential(environ)
    return parts[3] if len(parts) > 3 else ""  # noqa: PLR2004


def access_key(environ: Environ) -> str:
    """Whose signature it is; empty: it is not signed."""
    return _credential(environ)[0]


def _credential(environ: Environ) -> list[str]:
    """Access key, date, region, service and a constant."""
    words: str = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2]
    return words.split(",", maxsplit=1)[0].split("/")


def body(environ: Environ) -> bytes:
    """Can be read again afterwards."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    content: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(content)
    return content
