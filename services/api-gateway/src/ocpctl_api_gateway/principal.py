"""The principal: the caller of an RPC.

Envoy has verified the identity and passes it in a header that nobody else can set.
"""

import base64
import binascii
import json
from dataclasses import dataclass, replace
from typing import Any

import grpc
from ocpctl_common.access import Caller, Grant
from ocpctl_common.errors import FieldProblem, InvalidRequest, NotAuthenticated

IDENTITY = "x-ocpctl-identity"
IDEMPOTENCY_KEY = "idempotency-key"
MAX_KEY_CHARACTERS = 255
SIGN_IN = "sign in, and send the session's token as `Authorization: Bearer …`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """A verified identity. `session_id` is empty for a signed request; `csrf` is set for sessions in a cookie."""

    caller: Caller
    session_name: str
    session_id: str = ""
    csrf: str = ""

    def to_json(self) -> dict[str, str]:
        """The claims of a token without issuer, audience and times."""
        caller = {"sub": self.caller.arn, "acct": self.caller.account_id, "uid": self.caller.unique_id}
        more = {"name": self.session_name, "sid": self.session_id, "csrf": self.csrf}
        return caller | {key: value for key, value in more.items() if value}

    @classmethod
    def of(cls, claims: dict[str, Any]) -> "Claims":
        """The reverse of `to_json`. Raises KeyError for a token that is not ours."""
        caller = Caller(arn=claims["sub"], account_id=claims["acct"], unique_id=claims["uid"])
        more = {name: str(claims.get(key, "")) for key, name in (("name", "session_name"), ("sid", "session_id"))}
        return cls(caller=caller, csrf=str(claims.get("csrf", "")), **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A verified caller and what they may do."""

    claims: Claims
    grants: tuple[Grant, ...]

    @property
    def arn(self) -> str:
        """The ARN of the IAM user or role."""
        return self.claims.caller.arn

    def with_grants(self, grants: tuple[Grant, ...]) -> "Principal":
        """The same caller with only these grants."""
        return replace(self, grants=grants)


def encode(claims: dict[str, Any]) -> str:
    """The header's value, in the form that Envoy makes from a token."""
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def claims(context: grpc.ServicerContext) -> Claims:
    """The verified identity of the caller. Raises NotAuthenticated."""
    payloads = headers(context, IDENTITY)
    if len(payloads) != 1:
        raise NotAuthenticated(SIGN_IN)
    try:
        decoded = json.loads(base64.urlsafe_b64decode(payloads[0] + "=" * (-len(payloads[0]) % 4)))
        return Claims.of(decoded)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise NotAuthenticated("the token lacks what a session's token has; sign in again") from error


def idempotency_key(context: grpc.ServicerContext) -> str:
    """The idempotency key of a change. Raises InvalidRequest."""
    found = headers(context, IDEMPOTENCY_KEY)
    key = found[0] if len(found) == 1 else ""
    if 1 <= len(key) <= MAX_KEY_CHARACTERS and all("!" <= character <= "~" for character in key):
        return key
    rule = "is required once on every change: 1 to 255 visible characters, new for a new request, the same for a retry"
    problem = FieldProblem(field="Idempotency-Key", description=rule, reason="IDEMPOTENCY_KEY_INVALID")
    raise InvalidRequest(f"the header Idempotency-Key {rule}", problems=[problem])


def header(context: grpc.ServicerContext, name: str) -> str:
    """The first value of a header, or ""."""
    return next(iter(headers(context, name)), "")


def headers(context: grpc.ServicerContext, name: str) -> list[str]:
    """All values of a header, in order."""
    return [str(value) for key, value in context.invocation_metadata() if key == name]
