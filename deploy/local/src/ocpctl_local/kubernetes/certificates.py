"""The stand-in's authority: it signs the server's certificate and one for the administrator of each cluster."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Files:
    """Where everything of the stand-in lies."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What everybody trusts."""
        return self.folder / "ca.pem"

    @property
    def authority_key(self) -> Path:
        """Nobody but the stand-in reads it."""
        return self.folder / "ca-key.pem"

    @property
    def server(self) -> Path:
        """The server's certificate and key."""
        return self.folder / "server.pem"

    @property
    def token(self) -> Path:
        """What the simulated installer says to be let in."""
        return self.folder / "token"

    @property
    def clusters(self) -> Path:
        """One file a cluster."""
        return self.folder / "clusters"


def prepare(folder: Path) -> Files:
    """A fresh authority in a private folder."""
    files = Files(folder)
    files.clusters.mkdir(mode=0o700, parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("ocpctl local clusters", "")
    builder = _builder(name, name, key.public_key(), key.public_key())
    usage = _usage(signs_certificates=True)
    authority = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    authority = authority.add_extension(usage, critical=True)
    files.authority.write_bytes(authority.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    _write(files.authority_key, _pem(key))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    certificate, server_key = _issue(files, _name("127.0.0.1", ""), alternative, ExtendedKeyUsageOID.SERVER_AUTH)
    _write(files.server, certificate + server_key)
    _write(files.token, secrets.token_urlsafe(32).encode())
    return files


def administrator(files: Files, infra_id: str) -> tuple[str, str]:
    """Certificate and key of the administrator of a cluster, PEM. The organizational unit names the cluster."""
    certificate, key = _issue(files, _name("system:admin", infra_id), None, ExtendedKeyUsageOID.CLIENT_AUTH)
    return certificate.decode(), key.decode()


def _issue(
    files: Files, name: x509.Name, alternative: x509.SubjectAlternativeName | None, purpose: x509.ObjectIdentifier
) -> tuple[bytes, bytes]:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    signer = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not ours")
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, authority.subject, key.public_key(), signer.public_key())
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    if alternative:
        builder = builder.add_extension(alternative, critical=False)
    certificate = builder.sign(signer, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM), _pem(key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    now = datetime.now(tz=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, unit: str) -> x509.Name:
    units = [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return x509.Name([*units, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
