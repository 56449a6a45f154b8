"""Load from processes of their own: `python -m tests.bench.load <grpc|rest|peer|GET path> <address> <seconds> …`.

The credential is a token, or for gRPC the folder of the gateway's certificate.

Prints one JSON line: requests, failures, seconds, latencies in ms. Clients are as cheap as Python can be, because
they share the cores with what is measured.
"""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
from ocpctl.internal.v1 import request_service_pb2 as pb
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_common.telemetry import logs
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.settings import ROOT

CONNECTIONS = 16
WARM_UP = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it."""

    rate: float
    failures: int
    p50_ms: float
    p99_ms: float


def run(kind: str, address: str, seconds: float, *, credential: str = "", spec: str = "{}", processes: int = 1) -> Load:
    """Creates from `processes` processes with 16 connections together."""
    command = [sys.executable, "-m", "tests.bench.load", kind, address, str(seconds), credential, spec]
    command.append(str(CONNECTIONS // processes))
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(processes)]
    answers = [json.loads(child.communicate()[0]) for child in children]
    times = sorted(t for answer in answers for t in answer["times"])
    return Load(
        rate=sum(len(answer["times"]) / answer["seconds"] for answer in answers),
        failures=sum(answer["failures"] for answer in answers),
        p50_ms=times[len(times) // 2],
        p99_ms=times[len(times) * 99 // 100],
    )


async def hammer_grpc(address: str, folder: Path, spec: str, connections: int, seconds: float) -> dict[str, object]:
    """Creates straight at the scheduler's port. asyncio, because the load shares the cores with what it measures."""
    times: list[float] = []
    begin = time.monotonic() + WARM_UP
    credentials = TlsFiles(folder).current().for_client()

    async def work(number: int) -> None:
        # Without a pool of its own, all channels would share one connection.
        options = (("grpc.use_local_subchannel_pool", 1), ("grpc.ssl_target_name_override", SCHEDULER))
        async with grpc.aio.secure_channel(address, credentials, options=options) as channel:
            method: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
                "/ocpctl.internal.v1.RequestService/CreateCluster"
            )
            while (now := time.monotonic()) < begin + seconds:
                await method(_create(uuid.uuid4().hex, spec))
                if now >= begin:
                    times.append((time.monotonic() - now) * 1000)

    await asyncio.gather(*(work(number) for number in range(connections)))
    return {"times": times, "failures": 0, "seconds": seconds}


def _create(unique: str, spec: str) -> bytes:
    context = pb.RequestContext(
        principal="arn:bench", idempotency_key=unique, request_hash=b"x" * 32, correlation_id="bench"
    )
    own = spec.replace('"name":"bench"', f'"name":"c{unique[:30]}"', 1)
    request = pb.CreateClusterRequest(context=context, spec_json=own)
    return request.SerializeToString()


def http_caller(address: str, token: str, path: str) -> Callable[[], bool]:
    """POSTs creates over one kept connection, with a hand-written HTTP/1.1 exchange."""
    host, _, port = address.rpartition(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call() -> bool:
        unique = uuid.uuid4().hex
        body = json.dumps(GUIDE_REQUEST | {"name": f"c{unique[:30]}"})
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nidempotency-key: {unique}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        connection.sendall((head + body).encode())
        return _read(connection).startswith(b"HTTP/1.1 202")

    return call


def http_reader(address: str, token: str, path: str) -> Callable[[], bool]:
    """GETs over one kept connection."""
    host, _, port = address.rpartition(":")
    connection = socket.create_connection((host, int(port)))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked = f"GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n".encode()

    def call() -> bool:
        connection.sendall(asked)
        return _read(connection).startswith(b"HTTP/1.1 200")

    return call


def _read(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)
    return head


def hammer(make: Callable[[], Callable[[], bool]], connections: int, seconds: float) -> dict[str, object]:
    """All connections until the time is over; what came during the warm-up is not counted."""
    times: list[float] = []
    failures = [0]
    begin = time.monotonic() + WARM_UP

    def work() -> None:
        call = make()
        while (now := time.monotonic()) < begin + seconds:
            good = call()
            if now >= begin:
                times.append((time.monotonic() - now) * 1000)
                failures[0] += not good

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"times": times, "failures": failures[0], "seconds": seconds}


def main() -> None:
    """One load process. Its stdout is for the answer."""
    logs.configure("load", "WARNING")
    kind, address, seconds, credential, spec, connections = sys.argv[1:]
    if kind == "grpc":
        calls = hammer_grpc(address, Path(credential), spec, int(connections), float(seconds))
        print(json.dumps(asyncio.run(calls)))
        return
    if kind.startswith("GET "):
        work = hammer(
            lambda: http_reader(address, credential, kind.removeprefix("GET ")), int(connections), float(seconds)
        )
    else:
        path = {"rest": "/api/v1/clusters", "peer": "/clusters"}[kind]
        work = hammer(lambda: http_caller(address, credential, path), int(connections), float(seconds))
    print(json.dumps(work))


if __name__ == "__main__":
    main()
