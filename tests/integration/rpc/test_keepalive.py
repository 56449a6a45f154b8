"""A server that hangs loses its connections, also where nobody calls."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from ocpctl_common.rpc import client
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import GATEWAY, SCHEDULER
from ocpctl_local.tls import certificates

# A server in a process of its own, with the certificates of this one, on the port that it prints.
SERVER = """
import sys, threading
from pathlib import Path
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.server import Port, serve
port = Port(listen="127.0.0.1:0", tls=TlsFiles(Path(sys.argv[1])), workers=2)
server = serve(port, register=(), service_names=())
print("listens at", server.address, flush=True)
threading.Event().wait()
"""
FASTER = {"grpc.keepalive_time_ms": 11_000, "grpc.http2.ping_timeout_ms": 1000}  # the server wants ten seconds
PINGS = 36  # seconds: three of them
WAIT = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    certificates.make(tmp_path)
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", SERVER, str(folder / SCHEDULER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def listens_at(server: "subprocess.Popen[str]") -> str:
    assert server.stdout
    return next(line.split()[-1] for line in server.stdout if line.startswith("listens at"))


def test_a_server_that_hangs_is_left_by_whoever_says_nothing(
    server: "subprocess.Popen[str]", folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "OPTIONS", [(name, FASTER.get(name, value)) for name, value in client.OPTIONS])
    files = TlsFiles(folder / GATEWAY)
    with client.channel(listens_at(server), tls=files, server_name=SCHEDULER) as channel:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=WAIT)
        ready, lost = threading.Event(), threading.Event()

        def changed(state: grpc.ChannelConnectivity) -> None:
            if state is grpc.ChannelConnectivity.READY:
                ready.set()
            elif ready.is_set():
                lost.set()

        channel.subscribe(changed)
        assert ready.wait(WAIT)
        assert not lost.wait(PINGS), "it lives: pings are answered, and welcome"
        server.send_signal(signal.SIGSTOP)
        assert lost.wait(WAIT)
