"""Creates a second: at the scheduler's port, through Envoy, at the peer; as ratios to pgbench."""

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import specs
from tests.bench import cpu, load, pgbench
from tests.bench.edge import Edge, running_edge

ROUNDS = 3
SECONDS = 4


def measure() -> dict[str, float]:
    """Median of three rounds; the sides take turns, because the machine's speed drifts."""
    with tempfile.TemporaryDirectory() as name, running_edge(Path(name)) as edge:
        url, spec, folder = edge.database.url("ocpctl_scheduler"), _spec(), Path(name)
        rounds: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            cpu.check_alone()
            for side, result in _loads(edge, spec, rounds).items():
                rounds.setdefault(side, []).append(result.rate)
                rounds.setdefault(f"{side} p99 ms", []).append(result.p99_ms)
            seven = pgbench.rate(url, pgbench.seven_statements(spec), folder, seconds=SECONDS)
            rounds.setdefault("pgbench7", []).append(seven)
            one = pgbench.rate(url, pgbench.one_statement(spec), folder, seconds=SECONDS)
            rounds.setdefault("pgbench1", []).append(one)
    median = {side: statistics.median(values) for side, values in rounds.items()}
    return _figures(median) | _costs(median)


def _loads(edge: Edge, spec: str, rounds: dict[str, list[float]]) -> dict[str, load.Load]:
    sides: dict[str, Callable[[], load.Load]] = {
        "scheduler": lambda: load.run("grpc", edge.scheduler, SECONDS, credential=str(edge.gateway_tls), spec=spec),
        "envoy": lambda: load.run("rest", edge.envoy, SECONDS, credential=edge.token),
        "peer": lambda: load.run("peer", edge.peer, SECONDS),
        "fair peer": lambda: load.run("peer", edge.fair_peer, SECONDS, credential=edge.token),
    }
    loads: dict[str, load.Load] = {}
    for side, run in sides.items():
        before = cpu.used(edge.processes)
        loads[side] = run()
        requests = loads[side].rate * (SECONDS + load.WARM_UP)
        for process, micros in cpu.micros_a_request(before, cpu.used(edge.processes), requests).items():
            rounds.setdefault(f"cpu {side}: {process}", []).append(micros)
    _check(loads)
    return loads


def _costs(median: dict[str, float]) -> dict[str, float]:
    """CPU microseconds of each process for a request."""
    figures: dict[str, float] = {}
    for side, shown in {"envoy": "through Envoy", "fair peer": "fair peer"}.items():
        parts = {name.partition(": ")[2]: value for name, value in median.items() if name.startswith(f"cpu {side}: ")}
        figures[f"CPU of a create, {shown} (µs)"] = sum(parts.values())
        figures |= {f"  of it {process}, {shown} (µs)": value for process, value in parts.items()}
    return figures


def _check(loads: dict[str, load.Load]) -> None:
    failed = {side: result.failures for side, result in loads.items() if result.failures}
    if failed:
        raise SystemExit(f"calls failed: {failed}")


def _figures(median: dict[str, float]) -> dict[str, float]:
    seven = median["pgbench7"]
    return {
        "pgbench, seven statements (creates/s)": seven,
        "pgbench, the scheduler's one statement (creates/s)": median["pgbench1"],
        "scheduler's gRPC port (creates/s)": median["scheduler"],
        "  ratio to pgbench, seven statements (aim 0.35)": median["scheduler"] / seven,
        "  ratio to pgbench, one statement": median["scheduler"] / median["pgbench1"],
        "  p99 (ms)": median["scheduler p99 ms"],
        "through Envoy, identity, body check, gateway (creates/s)": median["envoy"],
        "  ratio to pgbench, seven statements (aim 0.20)": median["envoy"] / seven,
        "  ratio to the peer": median["envoy"] / median["peer"],
        "  ratio to the fair peer (aim 1.5)": median["envoy"] / median["fair peer"],
        "  p99, through Envoy (ms)": median["envoy p99 ms"],
        "peer: FastAPI + SQLAlchemy Core (creates/s)": median["peer"],
        "  ratio to pgbench, seven statements, of the peer": median["peer"] / seven,
        "  p99, of the peer (ms)": median["peer p99 ms"],
        "fair peer: with session, policy, keys, audit (creates/s)": median["fair peer"],
        "  p99, of the fair peer (ms)": median["fair peer p99 ms"],
    }


def _spec() -> str:
    return specs.spec("bench", "team-a").to_json()
