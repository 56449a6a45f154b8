"""What a Signature Version 4 signs, byte for byte as AWS's test suite wants it (all services but S3).

Source: "Create a signed AWS API request" in the IAM user guide. Times and scopes come in as they were sent.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

_WHITE = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request as it came over the wire. `path` is raw and holds the query; header names are in lower case.

    Several lines of one header are one value, joined by a comma without a space, as Envoy joins them.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        """A name in upper case would hide a header from every check. Raises ValueError."""
        if any(name != name.lower() for name in self.headers):
            raise ValueError("header names must be in lower case")


def payload_hash(body: bytes) -> str:
    """What stands for the body in a canonical request, unless it is UNSIGNED_PAYLOAD."""
    return hashlib.sha256(body).hexdigest()


def canonical_request(request: HttpRequest, signed_headers: Sequence[str], payload: str) -> str:
    """The canonical request over the given headers, which must all be there. `payload` stands for the body."""
    path, _, query = request.path.partition("?")
    lines = [f"{name}:{folded(request.headers[name])}" for name in signed_headers]
    parts = [
        request.method,
        canonical_path(path),
        canonical_query(query),
        *lines,
        "",
        ";".join(signed_headers),
        payload,
    ]
    return "\n".join(parts)


def canonical_path(path: str) -> str:
    """The path without empty, `.` and `..` segments, encoded once more than it was sent."""
    return quote(normal_path(path), safe="/~")


def normal_path(path: str) -> str:
    """The path without empty, `.` and `..` segments; a slash at the end stays."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and path.endswith("/") else "")


def canonical_query(query: str) -> str:
    """The parameters, encoded in the one way that AWS knows, sorted by name, then by value."""
    if not query:
        return ""
    pairs = (parameter.partition("=")[::2] for parameter in query.split("&"))
    in_order = sorted((encoded(name), encoded(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in in_order)


def encoded(text: str) -> str:
    """Percent-encoded but for letters, digits and `-._~`, whatever of it was encoded before. A `+` is a plus."""
    return quote(unquote_to_bytes(text), safe="~")


def folded(value: str) -> str:
    """A header's value without white space around it and with single spaces in it."""
    return _WHITE.sub(" ", value).strip(" ")


def string_to_sign(canonical: str, *, amz_date: str, scope: str) -> str:
    """The text that the signature is over. `scope` is date/region/service/aws4_request."""
    return "\n".join([ALGORITHM, amz_date, scope, hashlib.sha256(canonical.encode()).hexdigest()])


def signing_key(secret: str, *, date: str, region: str, service: str) -> bytes:
    """The key of one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, TERMINATOR):
        key = _hmac(key, part)
    return key


def signature(key: bytes, text: str) -> str:
    """The signature of a string to sign, in lower-case hex."""
    return _hmac(key, text).hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
