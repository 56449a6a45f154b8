"""Thousands of clusters whose time is over at once, while people create others: how soon all are dispatched."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from ocpctl_common.rpc.peers import JANITOR
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.moto import aws
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import stop

from tests import specs
from tests.bench import load
from tests.bench.edge import Edge, running_edge
from tests.history.fill import Size, fill

CLUSTERS = 5000
LIMIT_SECONDS = 30
LEFT = "SELECT count(*) FROM clusters WHERE status = 'READY' AND destroy_at <= now()"
OVER = "UPDATE clusters SET destroy_at = now() WHERE status = 'READY'"


def measure() -> dict[str, float]:
    """One janitor and one scheduler; the creates' p99 beside it, and alone."""
    figures: dict[str, float] = {}
    for janitors in (1, 2):
        with TemporaryDirectory() as name, running_edge(Path(name)) as edge:
            fill(edge.database.url("postgres"), Size(clusters=CLUSTERS, living=CLUSTERS))
            alone = _creates(edge, 4)
            seconds, beside = _dispatched(Path(name), edge, janitors)
        figures |= {
            f"{CLUSTERS} clusters over at once, {janitors} janitor(s), dispatched in (s)": seconds,
            f"  ratio to the limit of {LIMIT_SECONDS} s, {janitors} janitor(s)": seconds / LIMIT_SECONDS,
            f"  creates beside it, share of their rate alone, {janitors} janitor(s)": beside.rate / alone.rate,
            f"  p99 of creates beside it (ms), {janitors} janitor(s)": beside.p99_ms,
        }
    return figures


def _creates(edge: Edge, seconds: float) -> load.Load:
    return load.run(
        "grpc", edge.scheduler, seconds, credential=str(edge.gateway_tls), spec=specs.spec("bench", "team-a").to_json()
    )


def _dispatched(folder: Path, edge: Edge, janitors: int) -> tuple[float, load.Load]:
    beside: list[load.Load] = []
    creating = threading.Thread(target=lambda: beside.append(_creates(edge, 8)))
    with psycopg.connect(edge.database.url("postgres"), autocommit=True) as connection:
        connection.execute(OVER)
        processes = [_janitor(folder, edge.scheduler, edge.database) for _ in range(janitors)]
        try:
            _wait(connection, CLUSTERS - 1)  # they have begun
            began = time.monotonic()
            creating.start()
            _wait(connection, 0)
            seconds = time.monotonic() - began
            creating.join()
        finally:
            for process in processes:
                stop(process, 15, 10)  # type: ignore[arg-type]
    return seconds, beside[0]


def _wait(connection: "psycopg.Connection[Any]", left: int) -> None:
    give_up = time.monotonic() + 600
    while connection.execute(LEFT).fetchone()[0] > left:  # type: ignore[index]
        assert time.monotonic() < give_up, "they are never dispatched"
        time.sleep(0.1)


def _janitor(folder: Path, scheduler: str, database: Postgres) -> "subprocess.Popen[bytes]":
    nowhere, metrics = free_ports(2)
    env = {
        **os.environ,
        **aws.env(nowhere),
        "OCPCTL_LOG_LEVEL": "WARNING",
        "OCPCTL_TLS_DIR": str(folder / "tls" / JANITOR),
        "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{metrics}",
        "OCPCTL_DATABASE_URL": database.url("ocpctl_reader"),
        "OCPCTL_SCHEDULER_TARGET": scheduler,
        "OCPCTL_DEAD_LETTER_QUEUE_URL": f"http://127.0.0.1:{nowhere}/123456789012/dead.fifo",
        "OCPCTL_EXPIRY_INTERVAL_SECONDS": "1",
    }
    with (folder / f"janitor-{metrics}.log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-m", "ocpctl_janitor"], env=env, stdout=log, stderr=log)
