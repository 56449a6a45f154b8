"""Who calls. Envoy has verified the token and hands its payload on; nobody else can set that header."""

import base64
import binascii
import json
from dataclasses import dataclass

import grpc
from ocpctl_common.errors import FieldProblem, InvalidRequest, NotAuthenticated

IDENTITY = "x-ocpctl-identity"
IDEMPOTENCY_KEY = "idempotency-key"
MOST_KEY_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller."""

    arn: str
    roles: frozenset[str]
    team: str


def principal(context: grpc.ServicerContext) -> Principal:
    """The caller. Raises NotAuthenticated."""
    payload = _header(context, IDENTITY)
    if not payload:
        raise NotAuthenticated("sign in: send a valid token as `Authorization: Bearer …`")
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Principal(arn=claims["sub"], roles=frozenset(claims["roles"]), team=claims["team"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise NotAuthenticated("the token lacks sub, roles or team; sign in again") from error


def idempotency_key(context: grpc.ServicerContext) -> str:
    """The key of a mutating call. Raises InvalidRequest."""
    key = _header(context, IDEMPOTENCY_KEY)
    if 1 <= len(key) <= MOST_KEY_CHARACTERS and all("!" <= character <= "~" for character in key):
        return key
    rule = "is required on every change: 1 to 255 visible characters, fresh for every new wish, the same for a retry"
    problem = FieldProblem(field="Idempotency-Key", description=rule, reason="IDEMPOTENCY_KEY_INVALID")
    raise InvalidRequest(f"the header Idempotency-Key {rule}", problems=[problem])


def _header(context: grpc.ServicerContext, name: str) -> str:
    return next((str(value) for key, value in context.invocation_metadata() if key == name), "")
