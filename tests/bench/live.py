"""On a whole stack: how soon an accepted create's installer starts, how a queue drains, what an idle stack costs."""

import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
from ocpctl_janitor.sweeps import named
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.settings import UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

LIGHT = 20
QUEUED = 200
ENDS = 20
APART_SECONDS = 3.0  # so that what is measured is the wait behind creates, not behind other destroys
IDLE_SECONDS = 20.0
SERVICES = ("scheduler", "api-gateway", "installer-runner-1", "installer-runner-2", "janitor", "envoy", "postgres")


def starts() -> dict[str, float]:
    """Accepted → granted to a runner, which starts the installer at once; one create after the other."""
    with tempfile.TemporaryDirectory() as name:
        knobs = {"default": {"time_scale": 0.0}}
        with running_stack(StackSettings(folder=Path(name), knobs=knobs, limits=UNLIMITED)) as stack:
            client = Client(stack)
            for number in range(LIGHT):
                cluster_id = client.create(GUIDE_REQUEST | {"name": f"light-{number}"}).body["clusterId"]
                client.wait(cluster_id, "READY")
            waits = _waits(stack)
    return {
        "accepted → run begins, light load, p50 (ms; aim 150)": statistics.median(waits),
        "accepted → run begins, light load, p99 (ms; aim 1000)": sorted(waits)[-1],
    }


def _waits(stack: Stack) -> list[float]:
    statement = "SELECT extract(epoch FROM started_at - created_at) * 1000 FROM jobs WHERE job_type = 'CREATE'"
    with psycopg.connect(stack.urls["database"]) as connection:
        return [float(row[0]) for row in connection.execute(statement)]


def drain() -> dict[str, float]:
    """Many creates at once over twenty slots: how long, and how full the slots were while work was waiting."""
    with tempfile.TemporaryDirectory() as name:
        knobs = {"default": {"time_scale": 0.0}}
        # Ten of eleven are for creates.
        settings = StackSettings(folder=Path(name), knobs=knobs, limits=UNLIMITED, runners=2, slots=11)
        with running_stack(settings) as stack:
            client = Client(stack)
            began = time.monotonic()
            for number in range(QUEUED):
                client.create(GUIDE_REQUEST | {"name": f"queued-{number}"})
            accepted = time.monotonic() - began
            _wait_drained(stack)
            seconds = time.monotonic() - began
            busy = _busy(stack)
    return {
        f"{QUEUED} creates accepted one after the other (s)": accepted,
        f"{QUEUED} creates with 20 slots, drained (s)": seconds,
        "  slots busy while creates were waiting (share)": busy,
    }


def _wait_drained(stack: Stack) -> None:
    with psycopg.connect(stack.urls["database"], autocommit=True) as connection:
        while True:
            row = connection.execute("SELECT count(*) FROM clusters WHERE status IN ('PENDING', 'CREATING')").fetchone()
            if row == (0,):
                return
            time.sleep(0.5)


def _busy(stack: Stack) -> float:
    """Share of the twenty slots that ran an attempt, between the start of the twentieth and of the last attempt."""
    with psycopg.connect(stack.urls["database"]) as connection:
        rows: list[tuple[datetime, datetime]] = connection.execute(
            "SELECT started_at, ended_at FROM attempts ORDER BY started_at"
        ).fetchall()
    begin, end = rows[19][0], rows[-1][0]
    used = sum(max(0.0, (min(e, end) - max(s, begin)).total_seconds()) for s, e in rows)
    return used / ((end - begin).total_seconds() * 20)


def ends() -> dict[str, float]:
    """Time to live over → its destroy runs, while creates that hang are in all slots that creates may take.

    The janitor looks as seldom as it does in earnest: its pause is most of the wait.
    """
    pause = named("expiry").seconds
    hanging = [f"hangs-{number}" for number in range(6)]
    with tempfile.TemporaryDirectory() as name:
        knobs = {
            "default": {"time_scale": 0.0},
            "clusters": {cluster: {"time_scale": 0.0, "hang_stage": "api"} for cluster in hanging},
        }
        times = LeaseTimes(sweep=pause)
        with running_stack(StackSettings(folder=Path(name), knobs=knobs, limits=UNLIMITED, times=times)) as stack:
            client = Client(stack)
            names = [f"over-{number}" for number in range(ENDS)]
            ids = [client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"] for name in names]
            for cluster_id in ids:
                client.wait(cluster_id, "READY")
            for cluster in hanging:
                client.create(GUIDE_REQUEST | {"name": cluster})
            with psycopg.connect(stack.urls["database"], autocommit=True) as connection:
                waits = _ended(connection, ids)
    return {
        f"{ENDS} times to live over, all create slots busy → destroy runs, p50 (s)": statistics.median(waits),
        "  the slowest (s)": waits[-1],
        "  the slowest, share of the limit of 60 s": waits[-1] / 60,
    }


def _ended(connection: psycopg.Connection[Any], ids: list[str]) -> list[float]:
    busy = "SELECT count(*) FROM jobs WHERE job_type = 'CREATE' AND status = 'RUNNING'"
    while connection.execute(busy).fetchone() != (6,):
        time.sleep(0.1)
    for cluster_id in ids:
        connection.execute("UPDATE clusters SET destroy_at = clock_timestamp() WHERE id = %s", (cluster_id,))
        time.sleep(APART_SECONDS)
    waits = """
      SELECT extract(epoch FROM j.started_at - c.destroy_at) FROM jobs j JOIN clusters c ON c.id = j.cluster_id
      WHERE j.job_type = 'JANITOR_DESTROY' AND j.started_at IS NOT NULL
    """
    while len(rows := connection.execute(waits).fetchall()) < len(ids):
        time.sleep(0.5)
    if connection.execute(busy).fetchone() != (6,):
        raise RuntimeError("the creates did not hang all the time: nothing is shown")
    return sorted(float(row[0]) for row in rows)


def idle() -> dict[str, float]:
    """CPU of all our processes on a stack that has nothing to do, and the resident memory of each."""
    with tempfile.TemporaryDirectory() as name, running_stack(StackSettings(folder=Path(name))) as stack:
        share, endpoint_share = idle_shares(stack)
        memory = {name: psutil.Process(stack.state.pids[name]).memory_info().rss / 2**20 for name in SERVICES}
    return {
        "idle stack: CPU of all our processes and PostgreSQL and Envoy (% of a core; aim 3)": share,
        "  the local AWS endpoint, for comparison (% of a core)": endpoint_share,
        **{f"  resident memory, {name} (MiB)": value for name, value in memory.items()},
    }


def idle_shares(stack: Stack) -> tuple[float, float]:
    """CPU in percent of a core: of all our processes with PostgreSQL and Envoy, and of the local AWS endpoint."""
    time.sleep(3)
    state = stack.state
    ours = [psutil.Process(pid) for pid in (state.supervisor, *(p for n, p in state.pids.items() if n != "aws"))]
    endpoint = [psutil.Process(state.pids["aws"])]
    before, endpoint_before = _cpu(ours), _cpu(endpoint)
    time.sleep(IDLE_SECONDS)
    share = (_cpu(ours) - before) / IDLE_SECONDS * 100
    return share, (_cpu(endpoint) - endpoint_before) / IDLE_SECONDS * 100


def _cpu(processes: list[psutil.Process]) -> float:
    """Seconds of CPU with all descendants."""
    family = [p for process in processes for p in (process, *process.children(recursive=True))]
    return sum(p.cpu_times().user + p.cpu_times().system for p in {p.pid: p for p in family}.values())
