"""What an installer sees of its host: whom to act as in the cloud, the ways to the network, a home of its own.

It must act as the very principal that the runner acts as, or the account that was asked for is not the one in which it
creates: the provider knows by which variables and files.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ocpctl_common.providers.protocol import ClusterRole, Provider

from ocpctl_installer_runner.installer import process_tree

NETWORK = frozenset(("SSL_CERT_FILE", "SSL_CERT_DIR")) | {
    spelt for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY") for spelt in (name, name.lower())
}


def environment(
    provider: Provider, attempt_id: str, correlation_id: str, home: Path, role: ClusterRole | None = None
) -> dict[str, str]:
    """For one command; `home` is made. By the last variable its processes are found."""
    for folder in (home, home / "tmp"):
        folder.mkdir(mode=0o700, exist_ok=True)
    for below, text in provider.child_files(os.environ, role).items():
        _write(home / below, text)
    return {
        **passed_on(provider, os.environ, role),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "OPENSHIFT_INSTALL_INVOKER": "ocpctl",
        "OCPCTL_CORRELATION_ID": correlation_id,
        process_tree.VARIABLE: attempt_id,
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


def passed_on(provider: Provider, own: Mapping[str, str], role: ClusterRole | None = None) -> dict[str, str]:
    """Of the runner's own environment."""
    network = {name: value for name, value in own.items() if name in NETWORK}
    return {**provider.child_environment(own, role), **network}
