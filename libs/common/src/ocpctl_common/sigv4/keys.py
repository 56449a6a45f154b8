"""The access keys whose secrets are known here, and who they belong to. For development on one machine."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from ocpctl_common.sigv4.parsing import ACCESS_KEY_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """A key and its owner, in the words of GetCallerIdentity. A printed key shows no secret."""

    access_key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    arn: str
    user_id: str
    account: str


class KeyRingInvalid(ValueError):
    """The keys cannot be taken; the message says which and why, without any secret."""


class KeyRing:
    """Access keys by id. Never changes."""

    def __init__(self, keys: Iterable[AccessKey]) -> None:
        """Raises KeyRingInvalid when an id is malformed or comes twice, or a secret is empty."""
        self._keys: dict[str, AccessKey] = {}
        for key in keys:
            self._add(key)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The keys of a JSON file: a list of objects with the fields of AccessKey. Raises KeyRingInvalid."""
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise KeyRingInvalid(f"{path}: cannot be read as JSON: {type(error).__name__}") from error
        if not isinstance(entries, list):
            raise KeyRingInvalid(f"{path}: must be a list of access keys")
        return cls(_key(entry, f"{path}: key {number}") for number, entry in enumerate(entries, start=1))

    def find(self, access_key_id: str) -> AccessKey | None:
        """The key of this id, if it is known."""
        return self._keys.get(access_key_id)

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"

    def _add(self, key: AccessKey) -> None:
        if not ACCESS_KEY_ID.fullmatch(key.access_key_id):
            raise KeyRingInvalid(f"access key id {key.access_key_id!r}: must be 8 to 128 capital letters and digits")
        if key.access_key_id in self._keys:
            raise KeyRingInvalid(f"access key id {key.access_key_id}: comes twice")
        if not key.secret or key.session_token == "":
            raise KeyRingInvalid(f"access key id {key.access_key_id}: a secret or session token may not be empty")
        self._keys[key.access_key_id] = key


def _key(entry: Any, place: str) -> AccessKey:
    """One object of the file. Values are never part of a message: they may be secrets."""
    if not isinstance(entry, dict):
        raise KeyRingInvalid(f"{place}: must be an object")
    names = {item.name for item in fields(AccessKey)}
    if unknown := sorted(set(entry) - names):
        raise KeyRingInvalid(f"{place}: unknown field {unknown[0]}; allowed are {', '.join(sorted(names))}")
    texts = {name: value for name, value in entry.items() if name != "session_token" or value is not None}
    for name in sorted(names - {"session_token"} | set(texts)):
        if not isinstance(texts.get(name), str):
            raise KeyRingInvalid(f"{place}: {name} must be a text")
    return AccessKey(**texts)
