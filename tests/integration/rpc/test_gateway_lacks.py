"""A gateway is ready without a scheduler, for reads, and says so where probes ask."""

import urllib3
from ocpctl_api_gateway.reachability import NO_CHANGES, lacks
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.peers import GATEWAY, SCHEDULER
from ocpctl_common.rpc.server import Port, serve
from ocpctl_common.telemetry import metrics

from tests.conftest import tls


def test_what_it_cannot_do_is_told() -> None:
    scheduler = serve(Port(listen="127.0.0.1:0", tls=tls(SCHEDULER), workers=2), register=(), service_names=())
    with channel(scheduler.address, tls=tls(GATEWAY), server_name=SCHEDULER) as to_scheduler:
        port = metrics.serve("127.0.0.1:0", lambda: True, metrics.GATEWAY, lacks(to_scheduler))
        try:
            url = f"http://127.0.0.1:{port.server_address[1]}/readyz"
            assert _said(url) == (200, "ready\n")
            scheduler.stop(0)
            assert _said(url) == (200, f"{NO_CHANGES}\n")
        finally:
            port.shutdown()
            port.server_close()


def _said(url: str) -> tuple[int, str]:
    answer = urllib3.request("GET", url, retries=False, timeout=5)
    return answer.status, answer.data.decode()
