"""A gateway is ready without a scheduler, for reads, and says so where probes ask."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from ocpctl_api_gateway.reachability import NO_CHANGES, lacks
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.peers import GATEWAY, SCHEDULER
from ocpctl_common.rpc.server import Port, serve
from ocpctl_common.telemetry import metrics

from tests.conftest import tls

PROBE_SECONDS = 1  # the kubelet's default


@contextmanager
def probed(scheduler: str) -> Iterator[str]:
    """Where a gateway of this scheduler is asked."""
    with channel(scheduler, tls=tls(GATEWAY), server_name=SCHEDULER) as to_scheduler:
        port = metrics.serve("127.0.0.1:0", lambda: True, metrics.GATEWAY, lacks(to_scheduler))
        try:
            yield f"http://127.0.0.1:{port.server_address[1]}/readyz"
        finally:
            port.shutdown()
            port.server_close()


def said(url: str, timeout: float) -> tuple[int, str]:
    answer = urllib3.request("GET", url, retries=False, timeout=timeout)
    return answer.status, answer.data.decode()


def test_what_it_cannot_do_is_told() -> None:
    scheduler = serve(Port(listen="127.0.0.1:0", tls=tls(SCHEDULER), workers=2), register=(), service_names=())
    with probed(scheduler.address) as url:
        assert said(url, 5) == (200, "ready\n")
        scheduler.stop(0)
        assert said(url, 5) == (200, f"{NO_CHANGES}\n")


def test_a_scheduler_that_hangs_makes_no_probe_fail() -> None:
    silent = socket.create_server(("127.0.0.1", 0))  # it takes connections and says nothing
    with silent, probed(f"127.0.0.1:{silent.getsockname()[1]}") as url:
        assert said(url, PROBE_SECONDS) == (200, f"{NO_CHANGES}\n")
