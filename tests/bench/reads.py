"""One authenticated GET of a cluster: through Envoy, and straight at the gateway's port; what an identity costs."""

import base64
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil
import urllib3
from ocpctl.v1.cluster_service_pb2 import GetClusterRequest
from ocpctl.v1.cluster_service_pb2_grpc import ClusterServiceStub
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import GATEWAY
from ocpctl_local.client import GUIDE_REQUEST

from tests.bench import cpu, load
from tests.bench.edge import Edge, running_edge

CALLS = 600
WARM_UP = 100
ROUNDS, SECONDS, PAGE = 3, 4, 50
STANDSTILL_SECONDS = 3.0  # well within the time for which a gateway trusts what it knows


def measure() -> dict[str, float]:
    """The two sides take turns, one call each, on connections that stay."""
    with tempfile.TemporaryDirectory() as name, running_edge(Path(name)) as edge:
        http = urllib3.PoolManager(retries=False)
        cluster_id = _create(edge, http)
        to_gateway = channel(edge.gateway, tls=TlsFiles(edge.envoy_tls), server_name=GATEWAY)
        stub, metadata = ClusterServiceStub(to_gateway), (("x-ocpctl-identity", _identity(edge.token)),)

        def through_envoy() -> None:
            answer = http.request("GET", f"http://{edge.envoy}/api/v1/clusters/{cluster_id}", headers=_bearer(edge))
            assert answer.status == 200, answer.data

        def straight() -> None:
            stub.GetCluster(GetClusterRequest(cluster_id=cluster_id), metadata=metadata, timeout=5)

        times = _turns(through_envoy, straight)
        return _figures(*times) | _beside_the_fair_peer(edge, http, cluster_id) | _without_database(edge, http)


def _turns(*sides: Callable[[], None]) -> list[list[float]]:
    """Milliseconds of each call, by side."""
    times: list[list[float]] = [[] for _ in sides]
    for number in range(WARM_UP + CALLS):
        for side, found in zip(sides, times, strict=True):
            began = time.perf_counter()
            side()
            if number >= WARM_UP:
                found.append((time.perf_counter() - began) * 1000)
    return times


def _figures(envoy: list[float], straight: list[float]) -> dict[str, float]:
    added = statistics.median(envoy) - statistics.median(straight)
    return {
        "GET of a cluster through Envoy, p50 (ms)": statistics.median(envoy),
        "the same call straight at the gateway, p50 (ms)": statistics.median(straight),
        "  Envoy adds (ms; aim below 3)": added,
        "  ratio to the limit of 3 ms": added / 3,
    }


def _beside_the_fair_peer(edge: Edge, http: urllib3.PoolManager, cluster_id: str) -> dict[str, float]:
    """Calls a second, median of three rounds; the sides take turns."""
    for number in range(PAGE):
        _create(edge, http, f"page-{number}")
    figures: dict[str, float] = {}
    for what, path in {
        "GET of a cluster": f"/clusters/{cluster_id}",
        f"page of {PAGE} clusters": f"/clusters?team=team-a&pageSize={PAGE}",
    }.items():
        ours, theirs = [], []
        for _ in range(ROUNDS):
            cpu.check_alone()
            ours.append(_rate(f"GET /api/v1{path}", edge.envoy, edge.token))
            theirs.append(_rate(f"GET {path}", edge.fair_peer, edge.token))
        mine, other = statistics.median(ours), statistics.median(theirs)
        figures |= {
            f"{what} through Envoy (calls/s)": mine,
            f"  of the fair peer, {what} (calls/s)": other,
            f"  ratio to the fair peer, {what} (aim 1.5)": mine / other,
        }
    return figures


def _rate(kind: str, address: str, token: str) -> float:
    found = load.run(kind, address, SECONDS, credential=token)
    if found.failures:
        raise SystemExit(f"{kind} at {address}: {found.failures} calls failed")
    return found.rate


def _without_database(edge: Edge, http: urllib3.PoolManager) -> dict[str, float]:
    """Calls that need nothing but an identity are answered while every process of PostgreSQL stands still."""
    postmaster = psutil.Process(edge.database.process.pid)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped:
        process.suspend()
    try:
        began, answered = time.monotonic(), 0
        while time.monotonic() - began < STANDSTILL_SECONDS:
            answer = http.request("GET", f"http://{edge.envoy}/api/v1/profiles/aws-standard", headers=_bearer(edge))
            answered += answer.status == 200
    finally:
        for process in reversed(stopped):
            process.resume()
    return {f"authenticated calls answered in {STANDSTILL_SECONDS:.0f} s while the database stands still": answered}


def _create(edge: Edge, http: urllib3.PoolManager, name: str = "bench-read") -> str:
    headers = {**_bearer(edge), "idempotency-key": str(uuid.uuid4())}
    body = GUIDE_REQUEST | {"name": name}
    answer = http.request("POST", f"http://{edge.envoy}/api/v1/clusters", headers=headers, json=body)
    return str(answer.json()["clusterId"])


def _bearer(edge: Edge) -> dict[str, str]:
    return {"authorization": f"Bearer {edge.token}"}


def _identity(token: str) -> str:
    """What Envoy makes of a token."""
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
