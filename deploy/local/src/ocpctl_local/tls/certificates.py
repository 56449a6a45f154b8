"""The local stack's authority, a certificate for each component and one for KEDA, in the layout of cert-manager.

`tls/<component>/` holds tls.crt, tls.key and ca.crt as links into `..data`, itself a link to the present set: one
rename replaces the three files at once. `tls/authority/` holds the authority; no component reads it.
"""

import itertools
import os
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from ocpctl_common.rpc.peers import KEDA, NAMES

from ocpctl_local.tls.authority import CLIENT, SERVER, Authority, CertificateRequest

HOLDERS = (*NAMES, KEDA)
LIFE = timedelta(days=7)
PAUSE_SECONDS = 2.0  # everybody has seen a new set of files by then


def new_authority() -> Authority:
    """Its name is unique, so that two of them in one bundle are told apart."""
    return Authority.new(f"ocpctl local authority {x509.random_serial_number():x}"[:60])


def certificate(authority: Authority, name: str) -> dict[str, bytes]:
    """tls.crt and tls.key for a component, for both ends of a connection."""
    request = CertificateRequest(name=name, usages=(SERVER, CLIENT), alternatives=(x509.DNSName(name),), life=LIFE)
    shown, key = authority.issue(request)
    return {"tls.crt": shown, "tls.key": key}


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
    return certificate(_kept(folder), name)


def _issue(folder: Path, authority: Authority, trusted: Iterable[Authority]) -> None:
    bundle = b"".join(each.pem() for each in trusted)
    for name in HOLDERS:
        write(folder / name, certificate(authority, name) | {"ca.crt": bundle})


def _trust(folder: Path, trusted: Iterable[Authority]) -> None:
    """Changes whom the components trust, and not what they show."""
    bundle = b"".join(each.pem() for each in trusted)
    for name in HOLDERS:
        shown = {file: (folder / name / file).read_bytes() for file in ("tls.crt", "tls.key")}
        write(folder / name, shown | {"ca.crt": bundle})


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Replaces a set of files as a whole; only their owner may read them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = folder / "..data"
    old = data.resolve() if data.is_symlink() else None
    fresh = next(path for number in itertools.count(1) if not (path := folder / f"..set{number}").exists())
    fresh.mkdir(mode=0o700)
    owner = folder.stat()  # of the process that reads them
    os.chown(fresh, owner.st_uid, owner.st_gid)
    for name, content in files.items():
        (fresh / name).touch(mode=0o600)
        os.chown(fresh / name, owner.st_uid, owner.st_gid)
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
    write(folder / "authority", {"ca.crt": authority.pem(), "ca.key": authority.key_pem()})


def _kept(folder: Path) -> Authority:
    """Raises FileNotFoundError when there is none."""
    kept = folder / "authority"
    return Authority.load((kept / "ca.crt").read_bytes(), (kept / "ca.key").read_bytes())
