"""`python -m ocpctl_local.moto <port> <faults.json>`: serves until it is killed."""

import logging
import sys
from pathlib import Path

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

from ocpctl_local.moto import corrections, speed
from ocpctl_local.moto.endpoint import Endpoint
from ocpctl_local.moto.faults import Faults


def main() -> None:
    """Command line entry."""
    speed.install()
    corrections.install()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a call says no more than "POST / 200"
    endpoint = Endpoint(DomainDispatcherApplication(create_backend_app), Faults(Path(sys.argv[2])))
    run_simple("127.0.0.1", int(sys.argv[1]), endpoint, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main()
