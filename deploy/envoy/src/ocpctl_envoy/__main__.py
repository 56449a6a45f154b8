"""`python -m ocpctl_envoy`: writes what Envoy starts from; `--help` prints the settings."""

import sys

from ocpctl_envoy.rendering import write
from ocpctl_envoy.settings import EnvoySettings


def main() -> None:
    """Says what was written, how to start Envoy with it, and what to think of."""
    settings = EnvoySettings.load(sys.argv[1:])
    for name in settings.unknown():
        sys.stderr.write(f"a setting that is none: {name}\n")
    if missing := settings.missing():
        sys.exit("\n".join(missing))
    try:
        config = write(settings)
    except OSError as error:
        sys.exit(f"cannot write {settings.envoy_dir} (OCPCTL_ENVOY_DIR): {error}")
    sys.stdout.write(f"written: {config}\nstart it with: envoy --disable-hot-restart -l warning -c {config}\n")
    if settings.public_tls_dir is None:
        sys.stderr.write("no TLS for clients (OCPCTL_PUBLIC_TLS_DIR is unset): put it behind something that ends it\n")


if __name__ == "__main__":
    main()
