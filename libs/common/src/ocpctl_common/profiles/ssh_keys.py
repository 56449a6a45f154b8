"""Public SSH keys, read as strictly as the installer's own library reads them (RFC 4253, 5656, 8709).

A line that only looks like a key would be refused by the installer minutes later.
"""

import base64
import binascii
import re
import struct

_LINE = re.compile(r"(?P<kind>\S+) (?P<blob>[A-Za-z0-9+/]+={0,2})( [\x21-\x7e ]{0,200})?")
_POINTS = {"nistp256": 65, "nistp384": 97, "nistp521": 133}  # bytes of an uncompressed point
_UNCOMPRESSED = b"\x04"
_ED25519_BYTES = 32
_RSA_BITS = range(2048, 16_385)  # fewer are refused by the nodes' sshd


def is_public_key(line: str) -> bool:
    """Whether it is one line with a public key (ssh-ed25519, ssh-rsa, ecdsa) that is whole."""
    match = _LINE.fullmatch(line)
    if not match:
        return False
    try:
        parts = _parts(base64.b64decode(match["blob"], validate=True))
        return parts[0] == match["kind"].encode() and _is_whole(match["kind"], parts[1:])
    except (binascii.Error, struct.error, ValueError, IndexError):
        return False


def _parts(blob: bytes) -> list[bytes]:
    """The strings of a key, each after its length. Raises ValueError when one is cut off, struct.error."""
    parts, at = [], 0
    while at < len(blob):
        (length,) = struct.unpack_from(">I", blob, at)
        part = blob[at + 4 : at + 4 + length]
        if len(part) < length:
            raise ValueError("cut off")
        parts.append(part)
        at += 4 + length
    return parts


def _is_whole(kind: str, parts: list[bytes]) -> bool:
    if kind == "ssh-ed25519":
        return [len(part) for part in parts] == [_ED25519_BYTES]
    if kind == "ssh-rsa":
        exponent, modulus = (int.from_bytes(part, signed=True) for part in parts)
        return exponent > 2 and exponent % 2 == 1 and modulus.bit_length() in _RSA_BITS and modulus > 0  # noqa: PLR2004
    curve, point = parts
    expected = _POINTS.get(curve.decode("ascii", "replace"))
    return kind == f"ecdsa-sha2-{curve.decode()}" and len(point) == expected and point[:1] == _UNCOMPRESSED
