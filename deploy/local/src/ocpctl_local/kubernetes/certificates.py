"""The stand-in's authority: it signs the server's certificate and one for the administrator of each cluster."""

import ipaddress
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from ocpctl_local.tls.authority import CLIENT, SERVER, Authority, CertificateRequest


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
    authority = Authority.new("ocpctl local clusters")
    files.authority.write_bytes(authority.pem())
    _write(files.authority_key, authority.key_pem())
    address = x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))
    _write(
        files.server,
        b"".join(authority.issue(CertificateRequest(name="127.0.0.1", usages=(SERVER,), alternatives=(address,)))),
    )
    _write(files.token, secrets.token_urlsafe(32).encode())
    return files


def administrator(files: Files, infra_id: str) -> tuple[str, str]:
    """Certificate and key of the administrator of a cluster. The organizational unit names the cluster."""
    authority = Authority.load(files.authority.read_bytes(), files.authority_key.read_bytes())
    certificate, key = authority.issue(CertificateRequest(name="system:admin", unit=infra_id, usages=(CLIENT,)))
    return certificate.decode(), key.decode()


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
