"""Signing in: ask for a login, prove who one is, take the session."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3

from ocpctl_client.errors import SignInFailed
from ocpctl_client.proof import Login, choose_region, credentials_of, prove
from ocpctl_client.server import Server, origin_of, text

LOGINS = "/api/v1/auth/logins"
SESSIONS = "/api/v1/auth/sessions"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session. The token goes into `Authorization: Bearer …`; a printed value does not show it."""

    token: str = field(repr=False)
    session_id: str
    expires_at: datetime
    principal_arn: str


def sign_in(
    url: str, session: boto3.Session | None = None, region: str | None = None, *, audience: str | None = None
) -> SignedIn:
    """Signs in to the server at `url` with the session's credentials (default: boto3's usual search).

    `region` is where STS is asked; `audience` is the server's name for itself when that is not the origin of `url`.
    A server that gives another name is not trusted: it could be relaying somebody else's login. Raises SignInFailed.
    """
    origin = origin_of(url)
    server = Server(url)
    aws = session or boto3.Session()
    credentials = credentials_of(aws)
    login = _login(server.post(LOGINS, {}), audience or origin)
    proof = prove(login, credentials, choose_region(region, aws.region_name, login.regions))
    return _signed_in(server.post(SESSIONS, proof.fields()))


def extend(url: str, token: str) -> SignedIn:
    """The session of a token with a new one that ends later; at the end of its whole life, as late as before.

    Raises SignInFailed: then sign in again.
    """
    origin_of(url)
    return _signed_in(Server(url).post(f"{SESSIONS}/current/extend", {}, token))


def _login(body: dict[str, Any], expected: str) -> Login:
    audience = text(body, "audience")
    if audience.rstrip("/") != expected.rstrip("/"):
        raise SignInFailed(
            f"the server says it is {audience}, not {expected}: use that URL, or name the audience if both are true"
        )
    return Login(nonce=text(body, "nonce"), audience=audience, regions=_regions(body))


def _regions(body: dict[str, Any]) -> tuple[str, ...]:
    regions = body.get("regions")
    if not isinstance(regions, list) or not regions or not all(_REGION.fullmatch(str(region)) for region in regions):
        raise SignInFailed("the server's answer has no regions of AWS: is this the URL of ocpctl?")
    return tuple(regions)


def _signed_in(body: dict[str, Any]) -> SignedIn:
    try:
        expires_at = datetime.fromisoformat(text(body, "expireTime"))
    except ValueError as error:
        raise SignInFailed("the server's expireTime is no time: is this the URL of ocpctl?") from error
    return SignedIn(
        token=text(body, "token"),
        session_id=text(body, "sessionId"),
        expires_at=expires_at,
        principal_arn=text(body, "principalArn"),
    )
