"""The calls of a sign-in, and what can go wrong with them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import urllib3

from ocpctl_client.connecting import is_this_machine, pool
from ocpctl_client.errors import ServerAway, SignInFailed

SECONDS = 15.0
CLOCK_SECONDS = 60.0  # five minutes are enough for a refusal
_OK = (200, 201)
_BUSY = (429, 502, 503, 504)


def origin_of(url: str) -> str:
    """Scheme, host and port of a server's URL. Raises SignInFailed unless a token may travel to it."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - is read here, so that it is a number
    except ValueError as error:
        raise SignInFailed(f"{url!r} is not a URL as https://HOST: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SignInFailed(f"{url!r} is not the URL of a server: it must begin with https://")
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise SignInFailed(f"{url} is not encrypted: anybody on the way could take the session; use https://")
    return f"{parts.scheme}://{parts.netloc}".lower()


class Server:
    """POSTs JSON to one server. Follows no redirect: what is sent is meant for this server only."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = pool(url, timeout=SECONDS)

    def post(self, path: str, fields: dict[str, str], token: str = "") -> dict[str, Any]:
        """The JSON object that comes back. Raises SignInFailed with the server's message."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self._http.request("POST", f"{self._url}{path}", json=fields, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise ServerAway(f"{self._url} cannot be reached: {error}") from error
        body = _object(answer)
        if answer.status not in _OK:
            detail = f"{body.get('message') or f'it answered {answer.status}'}{_clock(answer)}"
            kind = ServerAway if answer.status in _BUSY else SignInFailed
            raise kind(f"{self._url} refuses to sign you in: {detail}")
        return body


def text(body: dict[str, Any], name: str) -> str:
    """A field of an answer. Raises SignInFailed when it is not there."""
    if not isinstance(value := body.get(name), str) or not value:
        raise SignInFailed(f"the server's answer has no {name}: is this the URL of ocpctl?")
    return value


def _now() -> datetime:
    return datetime.now(tz=UTC)


def _clock(answer: urllib3.BaseHTTPResponse) -> str:
    """AWS and the server refuse what was signed at another time, and cannot know that a clock is the reason."""
    try:
        ahead = (_now() - parsedate_to_datetime(answer.headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return ""
    wrong = f"; this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the server's: set it"
    return wrong if abs(ahead) > CLOCK_SECONDS else ""


def _object(answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}
