"""The scheduler's gRPC port without its relay: `python -m tests.bench.scheduler <database url> <port> <tls folder>`.

Sending to the local AWS endpoint would cost more than the creates and measure the endpoint.
"""

import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.server import Port, wait_for_signal
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.outbox import Envelope
from ocpctl_common.telemetry import logs
from ocpctl_local.moto.identity import initial_grants
from ocpctl_scheduler import identities
from ocpctl_scheduler.identities import InitialGrant
from ocpctl_scheduler.relay import Relay, job_routes
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.wiring import serve_grpc


class NoQueue:
    """Is never asked: the relay does not run."""

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        """Takes nothing."""
        return []


def main() -> None:
    """Serves until SIGTERM."""
    logs.configure("scheduler", "WARNING")
    engine = make_engine(sys.argv[1], pool_size=26, application_name="bench")
    rules = LeaseRules(lease=300, trust=180, kill=30, quarantine=60, backoff_unit=60, creates_per_hour=0)
    identities.ensure_grants(engine, [InitialGrant(**grant) for grant in json.loads(initial_grants())])
    port = Port(listen=f"127.0.0.1:{sys.argv[2]}", tls=TlsFiles(Path(sys.argv[3])), workers=24)
    server = serve_grpc(
        port, engine, rules, Relay(engine, job_routes(dict.fromkeys(Pool, NoQueue())), interval=60, claim=30)
    )
    wait_for_signal(threading.Event())
    server.stop(1)


if __name__ == "__main__":
    main()
