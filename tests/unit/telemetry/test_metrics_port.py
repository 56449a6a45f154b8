"""The port of the metrics: who goes away in the middle, or never asks, is told to nobody and stops nothing."""

import socket
import struct
from collections.abc import Iterator

import pytest
import structlog
import urllib3
from ocpctl_common.telemetry import metrics

from tests.waiting import wait_for


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(metrics, "ASKED_SECONDS", 0.3)
    server = metrics.serve("127.0.0.1:0", ready=lambda: True, shown=metrics.JANITOR)
    host, port = server.server_address[:2]
    yield str(host), int(port)
    server.shutdown()
    server.server_close()


def ask(address: tuple[str, int], path: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", f"http://{address[0]}:{address[1]}{path}", retries=False)


def test_its_three_answers(address: tuple[str, int]) -> None:
    assert [ask(address, path).status for path in ("/metrics", "/healthz", "/readyz", "/")] == [200, 200, 200, 404]


def test_a_caller_who_resets_the_connection(address: tuple[str, int], capfd: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as logged:
        for _ in range(20):
            caller = socket.create_connection(address)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            caller.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            caller.close()  # with a reset: nobody reads the answer
        assert ask(address, "/healthz").status == 200
    assert logged == []
    assert "Traceback" not in capfd.readouterr().err


def test_a_caller_who_never_asks_holds_no_thread(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as caller:
        caller.sendall(b"GET /met")
        caller.settimeout(30)
        assert caller.recv(1) == b"", "it was closed"
    wait_for(lambda: ask(address, "/readyz").status == 200)
