"""The metrics, with exactly the names, labels and buckets of the brief, and the HTTP port that shows them.

None is in the process's default registry: a service shows those of its own group, so nobody says zero of what it never
counts. A new metric is defined here and named in the group of each service that feeds it; a house test compares.
"""

import math
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client import Counter as _Counter
from prometheus_client import Gauge as _Gauge
from prometheus_client import Histogram as _Histogram
from prometheus_client.metrics import MetricWrapperBase

from ocpctl_common.settings import host_port

log = structlog.get_logger()

disable_created_metrics()  # type: ignore[no-untyped-call]

Counter = partial(_Counter, registry=None)
Gauge = partial(_Gauge, registry=None)
Histogram = partial(_Histogram, registry=None)

# prometheus-client appends _total to counters by itself: the exposed name is ocpctl_jobs_total.
jobs_total = Counter("ocpctl_jobs", "Total number of jobs by type and status", ["type", "status"])
job_duration = Histogram(
    "ocpctl_job_duration_seconds",
    "Job execution duration",
    ["type", "status"],
    buckets=[60, 300, 600, 1800, 3600],
)
clusters_total = Gauge("ocpctl_clusters_total", "Total clusters by platform and status", ["platform", "status"])
lock_acquisition_failures = Counter(
    "ocpctl_lock_acquisition_failures", "Lock acquisition failures by reason", ["reason"]
)
outbox_oldest = Gauge(
    "ocpctl_outbox_oldest_unpublished_seconds", "Age of the oldest unpublished outbox row", ["destination"]
)
lease_losses = Counter("ocpctl_lease_losses", "Leases lost by runners or taken over by reason", ["reason"])
remains_found = Counter("ocpctl_remains_found", "Post-destroy verifications that found what was proven gone")
states_without_owner = Gauge(
    "ocpctl_states_without_owner", "States that nobody works on, by the rule that does not hold", ["invariant"]
)
orphans = Gauge("ocpctl_orphans", "Resources in the cloud that belong to nothing that lives")
dead_letters = Counter("ocpctl_dead_letters", "Messages taken from the dead-letter queue")
sweep_passes = Counter(
    "ocpctl_sweep_passes",
    "Passes of the janitor by sweep; partly: a candidate failed; failed: the pass did",
    ["sweep", "outcome"],
)
busy_slots = Gauge("ocpctl_runner_busy_slots", "Installs and destroys that run in this runner now")
rpc_duration = Histogram(
    "ocpctl_rpc_duration_seconds",
    "Duration of served gRPC calls by method",
    ["method"],
    buckets=[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
)
rpc_in_flight = Gauge("ocpctl_rpc_in_flight", "gRPC calls and streams that are served now, each by a worker")
runner_fit = Gauge("ocpctl_runner_fit", "Whether a runner finds all that creates need: 1, else 0")
runner_faults = Counter("ocpctl_runner_faults", "Jobs handed back for a fault of the runner", ["fault"])
peer_refusals = Counter("ocpctl_peer_refusals", "Calls refused by the name in the certificate", ["peer", "method"])
certificate_expires = Gauge("ocpctl_certificate_expires_timestamp_seconds", "When the certificate in use expires")
redaction_drops = Counter("ocpctl_redaction_dropped_lines", "Lines dropped because they could not be redacted")

# Not known until somebody has looked: NaN, as no zero could be told from a true one.
orphans.set(math.nan)
certificate_expires.set(math.nan)

EVERYWHERE = (certificate_expires, redaction_drops)
SERVED = (*EVERYWHERE, rpc_duration, rpc_in_flight, peer_refusals)
GATEWAY = SERVED
SCHEDULER = (
    *SERVED,
    jobs_total,
    job_duration,
    lock_acquisition_failures,
    outbox_oldest,
    lease_losses,
    remains_found,
)
RUNNER = (*EVERYWHERE, lease_losses, busy_slots, runner_fit, runner_faults)
JANITOR = (*EVERYWHERE, clusters_total, states_without_owner, orphans, dead_letters, sweep_passes)


def registry(shown: Iterable[MetricWrapperBase]) -> CollectorRegistry:
    """The metrics of a group, with those of the process and of Python."""
    made = CollectorRegistry()
    for metric in shown:
        made.register(metric)
    for kind in (ProcessCollector, PlatformCollector, GCCollector):
        kind(registry=made)
    return made


def exposed(shown: CollectorRegistry) -> bytes:
    """What a scrape is answered."""
    return generate_latest(shown)


ASKED_SECONDS = 10.0  # for a request to come


class _Server(ThreadingHTTPServer):
    """Whoever asks and goes away, or never asks, is no concern of the service."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """In the thread of a request."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("defect in the metrics server", error=repr(error))


class _V6(_Server):
    """On an address of IPv6; on all of them IPv4 is answered too."""

    address_family = socket.AF_INET6

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def serve(
    listen: str, ready: Callable[[], bool], shown: Iterable[MetricWrapperBase], lacks: Callable[[], str] = str
) -> ThreadingHTTPServer:
    """Serves /metrics, /healthz and /readyz (503 until `ready()`) in a background thread. Raises OSError.

    `lacks`: what a ready service cannot do now; "": it can do all.
    """
    address = host_port(listen)
    try:
        server = (_V6 if ":" in address[0] else _Server)(address, _handler(ready, lacks, registry(shown)))
    except OSError as error:
        raise OSError(f"cannot listen on {listen}: {error.strerror}") from error
    host, port = server.server_address[:2]
    log.info("metrics are served", host=host, port=port)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _handler(
    ready: Callable[[], bool], lacks: Callable[[], str], shown: CollectorRegistry
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = ASKED_SECONDS

        def do_GET(self) -> None:
            answers: dict[str, Callable[[], tuple[int, bytes]]] = {
                "/metrics": lambda: (200, exposed(shown)),
                "/healthz": lambda: (200, b"ok\n"),
                "/readyz": lambda: (200, f"{lacks() or 'ready'}\n".encode()) if ready() else (503, b"not ready\n"),
            }
            status, body = answers.get(self.path, lambda: (404, b"try /metrics, /healthz or /readyz\n"))()
            self.send_response(status)
            self.send_header("content-type", CONTENT_TYPE_LATEST if self.path == "/metrics" else "text/plain")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Scrapes are not logged."""

    return Handler
