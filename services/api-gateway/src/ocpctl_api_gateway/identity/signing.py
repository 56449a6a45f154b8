"""The keys that sign sessions, in a file that all gateways share. A changed file is used within a second.

`python -m ocpctl_api_gateway.identity.signing FILE` makes the file, or adds a key to it. The new key is published at
once and signs after a lead time, so that every Envoy knows it by then. A key that no open session needs is dropped.
Nobody is signed out.
"""

import argparse
import base64
import json
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey
from ulid import ULID

RELOAD_SECONDS = 1.0
LEAD = timedelta(minutes=2)
KEEP = timedelta(hours=13)  # beyond the longest session
ALGORITHM = "ES256"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`signs_from` is when the key begins to sign."""

    signs_from: datetime
    key: ECKey

    @property
    def kid(self) -> str:
        return str(self.key.as_dict(private=False)["kid"])

    @property
    def secret(self) -> bytes:
        """The secret for nonces. It never leaves the process."""
        return base64.urlsafe_b64decode(str(self.key.as_dict(private=True)["d"]) + "==")


class SigningKeys:
    """Thread-safe. Raises OSError or ValueError for a missing or wrong file at the start; later the last keys stay."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp, self._keys = _stamp(path), read(path)
        self._checked_at = time.monotonic()

    def sign(self, claims: dict[str, Any]) -> str:
        """A token, signed by the newest key whose time has come."""
        key = self._current()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key.key)

    def public(self) -> list[dict[str, str]]:
        """All public keys, also of keys that do not sign yet or no longer sign."""
        return [{name: str(value) for name, value in key.key.as_dict(private=False).items()} for key in self.keys()]

    def secret(self) -> bytes:
        """The secret for a new nonce."""
        return self._current().secret

    def secrets(self) -> list[bytes]:
        """The secrets of all nonces that any gateway may have made."""
        return [key.secret for key in self.keys()]

    def _current(self) -> SigningKey:
        now = self._clock()
        keys = self.keys()
        return max((key for key in keys if key.signs_from <= now), key=lambda key: key.signs_from, default=keys[0])

    def keys(self) -> Sequence[SigningKey]:
        """The keys of the file as it is now."""
        with self._lock:
            if time.monotonic() - self._checked_at >= RELOAD_SECONDS:
                self._checked_at = time.monotonic()
                self._reload()
            return self._keys

    def _reload(self) -> None:
        try:
            if (stamp := _stamp(self._path)) != self._stamp:
                self._keys, self._stamp = read(self._path), stamp
                log.info("signing keys reload finished", kids=[key.kid for key in self._keys])
        except (OSError, ValueError) as error:
            log.warning("signing keys reload failed", error=str(error))


def read(path: Path) -> list[SigningKey]:
    """The keys of a file. Raises OSError, ValueError."""
    document = json.loads(path.read_text())
    keys = [SigningKey(datetime.fromisoformat(k["signsFrom"]), ECKey.import_key(k["jwk"])) for k in document["keys"]]
    if not keys:
        raise ValueError(f"{path} holds no key; make one with `python -m ocpctl_api_gateway.identity.signing {path}`")
    return keys


def add_key(path: Path, now: datetime, *, lead: timedelta = LEAD, keep: timedelta = KEEP) -> str:
    """Adds a key; the first one signs at once. Drops keys whose successor has signed for `keep`. Returns the new id."""
    keys = read(path) if path.exists() else []
    kid = str(ULID())
    new = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM, "kid": kid})
    keys.append(SigningKey(now + lead if keys else now, new))
    _write(path, [key for key, after in zip(keys, [*keys[1:], None], strict=True) if _is_needed(after, now, keep)])
    return kid


def _is_needed(successor: SigningKey | None, now: datetime, keep: timedelta) -> bool:
    return successor is None or now < successor.signs_from + keep


def _write(path: Path, keys: Sequence[SigningKey]) -> None:
    """Replaces the file atomically; only its owner can read it."""
    document = {
        "keys": [{"signsFrom": key.signs_from.isoformat(), "jwk": key.key.as_dict(private=True)} for key in keys]
    }
    partial = path.with_suffix(".new")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file)
    partial.rename(path)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ino


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ocpctl_api_gateway.identity.signing", description=__doc__)
    parser.add_argument("file", type=Path, help="the file of OCPCTL_SIGNING_KEYS_FILE")
    parser.add_argument(
        "--lead-seconds", type=float, default=LEAD.total_seconds(), help="time from publication to the first signature"
    )
    words = parser.parse_args()
    kid = add_key(words.file, datetime.now(tz=UTC), lead=timedelta(seconds=words.lead_seconds))
    print(f"added the key {kid} to {words.file}")  # noqa: T201


if __name__ == "__main__":
    main()
