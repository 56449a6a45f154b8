"""The local stack's authority and one certificate a component, in the layout of Kubernetes and cert-manager.

`tls/<component>/` holds tls.crt, tls.key and ca.crt as links into `..data`, itself a link to the present set: one
rename replaces the three files at once. `tls/authority/` holds the authority; no component reads it.
"""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from ocpctl_common.rpc.peers import NAMES

LIFE = timedelta(days=7)
AUTHORITY_LIFE = timedelta(days=30)
CLOCK_DIFFERENCE = timedelta(minutes=5)
PAUSE_SECONDS = 2.0  # everybody has seen a new set of files by then
CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Signs certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(self, name: str) -> dict[str, bytes]:
        """tls.crt and tls.key for a component, for both ends of a connection."""
        key = ec.generate_private_key(CURVE)
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            _builder(name, self.certificate.subject, key.public_key(), LIFE)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .sign(self.key, SHA256())
        )
        return {"tls.crt": certificate.public_bytes(Encoding.PEM), "tls.key": _key_pem(key)}


def new_authority() -> Authority:
    """A self-signed one. Its name is unique, so that two of them in one bundle are told apart."""
    key = ec.generate_private_key(CURVE)
    name = f"ocpctl local authority {x509.random_serial_number():x}"[:60]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        _builder(name, subject, key.public_key(), AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    return Authority(key=key, certificate=certificate)


def _builder(name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(tz=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_DIFFERENCE)
        .not_valid_after(now + life)
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make(folder: Path) -> None:
    """A fresh authority in `folder` and a certificate of it for every component."""
    authority = new_authority()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _keep(folder, authority)
    _issue(folder, authority, [authority])


def rotate(folder: Path, *, new_authority_too: bool) -> None:
    """New certificates for all components while they run; nothing is restarted and no call fails.

    A new authority comes in three steps with a pause after each: trusted beside the old one, used, trusted alone.
    """
    old = _kept(folder)
    if not new_authority_too:
        _issue(folder, old, [old])
        return
    new = new_authority()
    _trust(folder, [old, new])
    time.sleep(PAUSE_SECONDS)
    _issue(folder, new, [old, new])
    _keep(folder, new)
    time.sleep(PAUSE_SECONDS)
    _trust(folder, [new])


def issue(folder: Path, name: str) -> dict[str, bytes]:
    """tls.crt and tls.key of the present authority for somebody who is no component, such as a trusted front."""
    return _kept(folder).issue(name)


def _issue(folder: Path, authority: Authority, trusted: Iterable[Authority]) -> None:
    bundle = b"".join(each.pem() for each in trusted)
    for name in NAMES:
        write(folder / name, authority.issue(name) | {"ca.crt": bundle})


def _trust(folder: Path, trusted: Iterable[Authority]) -> None:
    """Changes whom the components trust, and not what they show."""
    bundle = b"".join(each.pem() for each in trusted)
    for name in NAMES:
        shown = {file: (folder / name / file).read_bytes() for file in ("tls.crt", "tls.key")}
        write(folder / name, shown | {"ca.crt": bundle})


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Replaces a set of files as a whole; only their owner may read them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = folder / "..data"
    old = data.resolve() if data.is_symlink() else None
    fresh = next(path for number in itertools.count(1) if not (path := folder / f"..set{number}").exists())
    fresh.mkdir(mode=0o700)
    for name, content in files.items():
        (fresh / name).touch(mode=0o600)
        (fresh / name).write_bytes(content)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(Path("..data") / name)
    partial = folder / "..data.new"
    partial.unlink(missing_ok=True)
    partial.symlink_to(fresh.name)
    partial.rename(data)
    if old:
        _remove(old)


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _keep(folder: Path, authority: Authority) -> None:
    write(folder / "authority", {"ca.crt": authority.pem(), "ca.key": _key_pem(authority.key)})


def _kept(folder: Path) -> Authority:
    """Raises FileNotFoundError when there is none."""
    key = load_pem_private_key((folder / "authority" / "ca.key").read_bytes(), None)
    certificate = x509.load_pem_x509_certificate((folder / "authority" / "ca.crt").read_bytes())
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder}: the authority's key is not one of ours")
    return Authority(key=key, certificate=certificate)
