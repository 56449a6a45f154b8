"""What an installer sees of its host: whom to act as in the cloud, the ways to the network, a home of its own.

It must act as the very principal that the runner acts as, or the account that was asked for is not the one in which it
creates. So all variables of AWS are passed on, and files that the runner finds by its home are named.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from ocpctl_installer_runner.installer import process_tree

AWS = "AWS_"
NETWORK = frozenset(("SSL_CERT_FILE", "SSL_CERT_DIR")) | {
    spelt for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY") for spelt in (name, name.lower())
}
FILES = {"AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials", "AWS_CONFIG_FILE": ".aws/config"}
MIN_SECRET_CHARACTERS = 16  # AWS's own have 40 and more
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN")


def environment(attempt_id: str, correlation_id: str, home: Path) -> dict[str, str]:
    """For one command; `home` is made. By the last variable its processes are found."""
    for folder in (home, home / "tmp"):
        folder.mkdir(mode=0o700, exist_ok=True)
    return {
        **passed_on(os.environ),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "OPENSHIFT_INSTALL_INVOKER": "ocpctl",
        "OCPCTL_CORRELATION_ID": correlation_id,
        process_tree.VARIABLE: attempt_id,
    }


def passed_on(own: Mapping[str, str]) -> dict[str, str]:
    """Of the runner's own environment."""
    files = {name: Path(own.get("HOME", "/nonexistent"), below) for name, below in FILES.items()}
    found = {name: str(path) for name, path in files.items() if path.is_file()}
    # Go's older library reads the file of the profiles only with this.
    fixed = {"AWS_SDK_LOAD_CONFIG": "1"}
    return fixed | found | {name: value for name, value in own.items() if name.startswith(AWS) or name in NETWORK}


def secrets(own: Mapping[str, str]) -> tuple[str, ...]:
    """The values that no log may hold; a word of a test's endpoint is none."""
    return tuple(own[name] for name in SECRETS if len(own.get(name, "")) >= MIN_SECRET_CHARACTERS)
