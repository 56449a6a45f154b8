"""`python -m ocpctl_local.kubernetes <port> <ready port> <folder>`: serves until it is killed."""

import sys
from pathlib import Path

from ocpctl_common.telemetry import metrics

from ocpctl_local.kubernetes.certificates import Files
from ocpctl_local.kubernetes.server import start


def main() -> None:
    """Command line entry."""
    port, ready_port, folder = sys.argv[1:]
    thread = start(int(port), Files(Path(folder)))
    metrics.serve(f"127.0.0.1:{ready_port}", ready=thread.is_alive, shown=())
    thread.join()


if __name__ == "__main__":
    main()
