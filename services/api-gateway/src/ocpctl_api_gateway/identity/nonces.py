"""Nonces of logins: made without a database, valid for two minutes, accepted by every gateway with the same keys.

The database ensures that a nonce is used only once: it is unique among the sessions.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ocpctl_common.errors import NotAuthenticated

LIFE = timedelta(minutes=2)
_TIME = struct.Struct(">I")
_RANDOM_BYTES = 24
_MAC_BYTES = 20  # together 64 characters


def make(secret: bytes, now: datetime) -> tuple[str, datetime]:
    """A nonce, and when it expires."""
    ends = now + LIFE
    body = _TIME.pack(int(ends.timestamp())) + secrets.token_bytes(_RANDOM_BYTES)
    return _text(body + _mac(secret, body)), ends


def check(nonce: str, known: Iterable[bytes], now: datetime) -> None:
    """Raises NotAuthenticated for a nonce that we did not make, and for an expired one."""
    body, mac = _split(nonce)
    if not any(hmac.compare_digest(_mac(secret, body), mac) for secret in known):
        raise NotAuthenticated("this nonce is not ours; begin a new login", reason="NONCE_UNKNOWN")
    if now >= datetime.fromtimestamp(_TIME.unpack(body[: _TIME.size])[0], UTC):
        raise NotAuthenticated("this nonce is over; begin a new login", reason="NONCE_EXPIRED")


def digest(nonce: str) -> bytes:
    """The form in which the database keeps a nonce."""
    return hashlib.sha256(nonce.encode()).digest()


def _split(nonce: str) -> tuple[bytes, bytes]:
    """Refuses other spellings of the same bytes (`+` for `-`): the database would take them for another nonce."""
    try:
        raw = base64.urlsafe_b64decode(nonce)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _TIME.size + _RANDOM_BYTES + _MAC_BYTES or _text(raw) != nonce:
        raise NotAuthenticated("this nonce is not ours; begin a new login", reason="NONCE_UNKNOWN")
    return raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()  # 48 bytes need no padding


def _mac(secret: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, b"ocpctl login nonce\n" + body, "sha256")[:_MAC_BYTES]
