"""A certificate authority of the local stack, and the certificates that it issues. Everything is PEM."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

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

LIFE = timedelta(days=30)
CLOCK_DIFFERENCE = timedelta(minutes=5)
CURVE = ec.SECP256R1()
SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequest:
    """What a certificate is for. The organizational unit is left out when it is empty."""

    name: str
    unit: str = ""
    usages: Sequence[x509.ObjectIdentifier]
    alternatives: Sequence[x509.GeneralName] = ()
    life: timedelta = LIFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Signs certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, name: str) -> Self:
        """A self-signed one."""
        key = ec.generate_private_key(CURVE)
        subject = _name(name, "")
        builder = _builder(subject, subject, key.public_key(), key.public_key(), LIFE)
        signed = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        signed = signed.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(key=key, certificate=signed.sign(key, SHA256()))

    @classmethod
    def load(cls, certificate: bytes, key: bytes) -> Self:
        """One that was kept. Raises ValueError for what is no certificate or no key, TypeError for another's key."""
        private = load_pem_private_key(key, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("the authority's key is not one of ours")
        return cls(key=private, certificate=x509.load_pem_x509_certificate(certificate))

    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        """Its key."""
        return _key_pem(self.key)

    def issue(self, request: CertificateRequest) -> tuple[bytes, bytes]:
        """A certificate and its key."""
        key = ec.generate_private_key(CURVE)
        subject = _name(request.name, request.unit)
        builder = _builder(subject, self.certificate.subject, key.public_key(), self.key.public_key(), request.life)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(request.usages), critical=False)
        if request.alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(request.alternatives), critical=False)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM), _key_pem(key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePublicKey,
    life: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(tz=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_DIFFERENCE)
        .not_valid_after(now + life)
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


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
