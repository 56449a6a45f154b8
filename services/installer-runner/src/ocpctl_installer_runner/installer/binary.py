"""Which installer: one binary a release, found by version; an allow-listed environment for it."""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import tree

PASSED_ON = (
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
PASSED_ON_TOO = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True, slots=True)
class Installer:
    """A binary and its SHA-256."""

    path: Path
    sha256: str

    def skips_password(self) -> bool:
        """Whether `create cluster` knows --skip-password-print."""
        return _knows(self.path, "--skip-password-print")


def find(folder: Path, version: str) -> Installer:
    """The binary of a release. Raises RunFailed when this runner does not have it."""
    path = folder / version / "openshift-install"
    if not os.access(path, os.X_OK):
        raise RunFailed("CONFIG", f"This runner has no installer for OpenShift {version}; an admin must add it.")
    return Installer(path, _digest(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _digest(path: Path, modified: int) -> str:
    with path.open("rb") as binary:
        return hashlib.file_digest(binary, "sha256").hexdigest()


@lru_cache(maxsize=64)
def _knows(path: Path, option: str) -> bool:
    done = subprocess.run(
        [path, "create", "cluster", "--help"], capture_output=True, text=True, timeout=60, check=False, env={}
    )
    return option in done.stdout + done.stderr


def environment(attempt_id: str, correlation_id: str, home: Path) -> dict[str, str]:
    """What the installer sees: the cloud's credentials, a home of its own, the mark by which it is found."""
    for folder in (home, home / "tmp"):
        folder.mkdir(mode=0o700, exist_ok=True)
    passed = {name: os.environ[name] for name in (*PASSED_ON, *PASSED_ON_TOO) if name in os.environ}
    return {
        **passed,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "OPENSHIFT_INSTALL_INVOKER": "ocpctl",
        "OCPCTL_CORRELATION_ID": correlation_id,
        tree.VARIABLE: attempt_id,
    }
