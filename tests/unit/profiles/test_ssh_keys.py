"""Which public keys are taken: the line's shape, and RSA numbers from both sides of their limits."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ocpctl_common.profiles import ssh_keys
from ocpctl_common.profiles.ssh_keys import is_public_key


def line_of(key: Any) -> str:
    return str(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())


def rsa_line(bits: int, exponent: int = 65_537) -> str:
    """Nobody has its private half."""
    return line_of(rsa.RSAPublicNumbers(exponent, 2 ** (bits - 1) + 1).public_key())


ED = line_of(ed25519.Ed25519PrivateKey.from_private_bytes(b"1" * 32).public_key())
CURVES = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "521": ec.SECP521R1()}


@pytest.mark.parametrize("curve", CURVES)
def test_the_curves(curve: str) -> None:
    assert is_public_key(line_of(ec.derive_private_key(7, CURVES[curve]).public_key()))


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        (ED, True),
        (f"{ED} a", True),
        (f"{ED} ", True),
        (f"{ED} {'~' * 200}", True),
        (f"{ED} {'~' * 201}", False),
        (f"{ED} a\n", False),
        (f"{ED}\n", False),
        (f" {ED}", False),
        (ED.replace("ssh-ed25519", "ssh-dss"), False),
        (ED.replace("ssh-ed25519", "ssh-rsa"), False),
        (ED[:-1], False),
        (f"{ED}=", False),
        (f"{ED}===", False),
    ],
)
def test_the_line(line: str, taken: bool) -> None:
    assert is_public_key(line) is taken


@pytest.mark.parametrize(
    ("bits", "taken"),
    [(2_047, False), (2_048, True), (2_049, True), (4_096, True), (16_384, True), (16_385, False)],
)
def test_how_long_an_rsa_key_is(bits: int, taken: bool) -> None:
    assert is_public_key(rsa_line(bits)) is taken


@pytest.mark.parametrize(("exponent", "taken"), [(3, True), (2**24 - 1, True), (2**24 + 1, False), (2**25 + 1, False)])
def test_the_exponent_of_an_rsa_key(exponent: int, taken: bool) -> None:
    assert is_public_key(rsa_line(2_048, exponent)) is taken


@pytest.mark.parametrize(
    ("bits", "exponent", "usable"),
    [
        (2_048, -1, False),
        (2_048, 1, False),
        (2_048, 2, False),
        (2_048, 3, True),
        (2_048, 4, False),
        (2_048, 5, True),
        (2_048, 2**24 - 1, True),
        (2_048, 2**24, False),
        (2_048, 2**24 + 1, False),
        (2_047, 3, False),
        (16_384, 3, True),
        (16_385, 3, False),
    ],
)
def test_what_the_nodes_take(bits: int, exponent: int, usable: bool) -> None:
    """Numbers that the library itself may refuse before."""
    key = SimpleNamespace(key_size=bits, public_numbers=lambda: SimpleNamespace(e=exponent))
    assert ssh_keys._is_usable(cast("Any", key)) is usable
