"""The process's own certificate and the authorities that it trusts, always as the files are now.

`tls.crt`, `tls.key` and `ca.crt` in one folder are the layout of a Kubernetes TLS secret and of cert-manager. They are
looked at whenever a connection is made or a call begins (three stats), so a rotation needs no restart and no signal.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import grpc
import structlog
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from ocpctl_common.clock import utc_now
from ocpctl_common.telemetry import metrics

NAMES = ("tls.crt", "tls.key", "ca.crt")

log = structlog.get_logger()
Signature = list[tuple[int, int, int] | None]


class BadCertificates(Exception):
    """The files are missing, half-written, or do not fit together; the message says which, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsMaterial:
    """One set that fits together: a certificate with its chain, its key, the authorities; all PEM."""

    certificate: bytes
    key: bytes
    authorities: bytes
    names: tuple[str, ...]
    begins: datetime
    expires: datetime

    def for_client(self) -> grpc.ChannelCredentials:
        """Shows our certificate and trusts only our authorities."""
        return grpc.ssl_channel_credentials(self.authorities, self.key, self.certificate)

    def for_server(self) -> grpc.ServerCertificateConfiguration:
        """Shows our certificate and knows clients by our authorities."""
        return grpc.ssl_server_certificate_configuration([(self.key, self.certificate)], self.authorities)


class TlsFiles:
    """One folder. Raises BadCertificates when there is nothing good to begin with."""

    def __init__(self, folder: Path) -> None:
        self._paths = [folder / name for name in NAMES]
        self._lock = threading.Lock()
        self._seen: Signature | None = None
        self._material = self._load()

    def current(self) -> TlsMaterial:
        """What the files hold now; the last good set while they are missing or do not fit together."""
        with self._lock:
            try:
                if self._signature() != self._seen:
                    self._material = self._load()
            except BadCertificates as error:
                log.warning("certificates not usable; the old ones stay", why=str(error))
            return self._material

    def _load(self) -> TlsMaterial:
        """A set whose three files were not changed while they were read."""
        self._seen = self._signature()  # also of a bad set: it is looked at again when it changes, not on every call
        contents = [_read(path) for path in self._paths]
        if self._signature() != self._seen:
            raise BadCertificates(f"{self._paths[0].parent} changes while it is read")
        material = parse(*contents, where=self._paths[0].parent)
        metrics.certificate_expires.set(material.expires.timestamp())
        log.info("certificates loaded", names=material.names, expires=material.expires.isoformat())
        if not material.begins <= (now := utc_now()) < material.expires:
            log.error(
                "the certificate is not valid at this time: renew it, or set this machine's clock",
                begins=material.begins.isoformat(),
                expires=material.expires.isoformat(),
                clock=now.isoformat(),
            )
        return material

    def _signature(self) -> Signature:
        """Which files these are; it differs whenever one of them came, went, was replaced or written."""
        return [_stamp(path) for path in self._paths]


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None  # reading it will say why
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCertificates(f"cannot read {path}: {error.strerror}") from error


def parse(certificate: bytes, key: bytes, authorities: bytes, *, where: Path) -> TlsMaterial:
    """The set, if it is one. Raises BadCertificates."""
    try:
        own = x509.load_pem_x509_certificates(certificate)[0]
        public = load_pem_private_key(key, None).public_key()
        x509.load_pem_x509_certificates(authorities)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadCertificates(f"{where}: tls.crt, tls.key or ca.crt is not PEM that can be used: {error}") from error
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own.public_key().public_bytes(*form) != public.public_bytes(*form):
        raise BadCertificates(f"{where}: tls.key is not the key of tls.crt")
    return TlsMaterial(
        certificate=certificate,
        key=key,
        authorities=authorities,
        names=_names(own),
        begins=own.not_valid_before_utc,
        expires=own.not_valid_after_utc,
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(extension.value.get_values_for_type(x509.DNSName))


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Every client must show a certificate; each new connection is judged by the files as they are then."""
    fetcher = CertificateFetcher(files)
    return grpc.dynamic_ssl_server_credentials(fetcher.first, fetcher, require_client_authentication=True)


class CertificateFetcher:
    """What gRPC asks before each handshake: a new configuration, or None while nothing has changed."""

    def __init__(self, files: TlsFiles) -> None:
        self._current: Callable[[], TlsMaterial] = files.current
        self._used = files.current()
        self.first = self._used.for_server()

    def __call__(self) -> grpc.ServerCertificateConfiguration:
        """None keeps gRPC's own session cache; a new configuration ends it, with the tickets of withdrawn clients."""
        material = self._current()
        if material is self._used:
            return None  # type: ignore[return-value]  # grpc's documented "no change"; its stubs do not know it
        self._used = material
        return material.for_server()
