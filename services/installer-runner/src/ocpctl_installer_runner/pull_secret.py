"""The pull secret: read strictly, so that a wrong one is described before any install fails for it."""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

BOM = "\ufeff"
TOKENS = ("auth", "password", "identitytoken", "registrytoken")


class BadPullSecret(Exception):
    """The sentence says what is wrong, and nothing of the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSecret:
    """`text` is for the installer; `secrets` is all that must never be seen: the whole, and what its parts hold."""

    text: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


def read(value: str) -> PullSecret:
    """Raises BadPullSecret."""
    auths = _auths(value)
    text = json.dumps({"auths": auths}, separators=(",", ":"))
    parts = dict.fromkeys(secret for entry in auths.values() for secret in _secrets(entry))
    return PullSecret(text=text, secrets=(value, text, *parts))


def _auths(value: str) -> dict[str, dict[str, Any]]:
    if not value.strip(BOM).strip():
        raise BadPullSecret("it is empty")
    try:
        document = json.loads(value.removeprefix(BOM))
    except ValueError as error:
        raise BadPullSecret("it is not JSON") from error
    auths = document.get("auths") if isinstance(document, dict) else None
    if not isinstance(auths, dict) or not auths:
        raise BadPullSecret('it has no object "auths" with a registry in it')
    for registry, entry in auths.items():
        _check(registry, entry)
    return auths


def _check(registry: str, entry: Any) -> None:
    """The installer wants `auth`: base64 of a user and a password with a colon between them."""
    auth = entry.get("auth") if isinstance(entry, dict) else None
    if not isinstance(auth, str) or ":" not in _decoded(auth):
        raise BadPullSecret(f'its entry for {registry[:100]!r} has no "auth" that is base64 of user:password')


def _secrets(entry: dict[str, Any]) -> Iterator[str]:
    yield from (entry[name] for name in TOKENS if isinstance(entry.get(name), str) and entry[name])
    user_and_password = _decoded(entry["auth"])
    yield user_and_password
    yield user_and_password.partition(":")[2]


def _decoded(auth: str) -> str:
    try:
        return base64.b64decode(auth, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
