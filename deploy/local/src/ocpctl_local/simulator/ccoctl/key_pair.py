"""The key pair that signs the tokens of the cluster's pods, and its public part as a JSON web key set."""

import base64
import hashlib
import shutil
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ocpctl_local.simulator.ccoctl.call import Call

PRIVATE, PUBLIC = "serviceaccount-signer.private", "serviceaccount-signer.public"
SIGNING_KEY = "tls/bound-service-account-signing-key.key"
EXPONENT = 65537


def make(call: Call, folder: Path) -> None:
    """Writes the pair; one that is there is used again."""
    private, public = folder / PRIVATE, folder / PUBLIC
    if private.exists():
        call.say(f"Using existing RSA keypair found at {private}")
    else:
        call.say("Generating RSA keypair")
        key = rsa.generate_private_key(EXPONENT, call.knobs.key_bits)
        call.say(f"Writing private key to {private}")
        write(private, _private(key))
        call.say(f"Writing public key to {public}")
        write(public, _public(key, serialization.Encoding.PEM))
    call.say("Copying signing key for use by installer")
    write(folder / SIGNING_KEY, b"")
    shutil.copyfile(private, folder / SIGNING_KEY)
    call.reached("keys")


def write(path: Path, content: bytes) -> None:
    """For the owner only."""
    path.touch(mode=0o600)
    path.write_bytes(content)


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _public(key: rsa.RSAPrivateKey, encoding: serialization.Encoding) -> bytes:
    return key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_set(folder: Path) -> dict[str, Any]:
    """What `keys.json` holds."""
    key: Any = serialization.load_pem_public_key((folder / PUBLIC).read_bytes())
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    numbers = key.public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    words = {"use": "sig", "kty": "RSA", "kid": _base64(hashlib.sha256(der).digest()), "alg": "RS256"}
    return {"keys": [{**words, "n": _base64(modulus), "e": _base64(numbers.e.to_bytes(3, "big"))}]}


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
