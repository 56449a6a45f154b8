"""Public SSH keys, read as strictly as the installer's own library reads them (RFC 4253, 5656, 8709).

A line that only looks like a key would be refused by the installer minutes later.
"""

import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

# Padding is exact, as Go reads it: the library here passes over what is too much.
_LINE = re.compile(
    r"(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) "
    r"(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?: [\x21-\x7e ]{0,200})?"
)
_RSA_BITS = range(2048, 16_385)  # fewer are refused by the nodes' sshd
_MAX_EXPONENT_BITS = 24  # more are refused by the installer's library


def is_public_key(line: str) -> bool:
    """Whether it is one line with a public key (ssh-ed25519, ssh-rsa, ecdsa) that is whole."""
    if not _LINE.fullmatch(line):
        return False
    try:
        key = load_ssh_public_key(line.encode())
    except (ValueError, NotImplementedError, UnsupportedAlgorithm):
        return False
    return not isinstance(key, RSAPublicKey) or _is_usable(key)


def _is_usable(key: RSAPublicKey) -> bool:
    exponent = key.public_numbers().e
    return key.key_size in _RSA_BITS and exponent % 2 == 1 and 1 < exponent < 1 << _MAX_EXPONENT_BITS
