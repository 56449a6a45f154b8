"""Runners that are started for jobs: how soon a due job runs on one, and what a stack costs while there are none."""

import statistics
import tempfile
import time
from pathlib import Path

from ocpctl_common.lifecycle.pools import Pool

from tests.bench.live import idle_shares
from tests.scaling.play import Plan, Play, playing

JOBS = 8
LIMIT_SECONDS = 10.0  # from a job that is due to its run, on a machine that has the image; a pass of KEDA comes on top
ASK_SECONDS = 0.05
PLAN = Plan(creates=JOBS, destroys=0, create_limit=JOBS, destroy_limit=1, time_scale=0.0, patience=600)
WAITS = "SELECT extract(epoch FROM started_at - run_after)::float8 FROM jobs WHERE job_type = 'CREATE' ORDER BY 1"
UNSTARTED = "SELECT count(*) FROM jobs WHERE job_type = 'CREATE' AND started_at IS NULL"


def measure() -> dict[str, float]:
    """One job after the other; the scaler is asked all the time, so that no pause between two passes is in it."""
    with tempfile.TemporaryDirectory() as name, playing(PLAN, Path(name)) as play:
        share, _ = idle_shares(play.driver.stack)
        asked = statistics.median(_ask_seconds(play) for _ in range(20))
        for number in range(JOBS):
            _run(play, f"d{number}")
        waits = [float(row[0]) for row in play.driver.sql(WAITS)]
    return {
        "no runner lives: CPU of an idle stack, without the passes of KEDA (% of a core)": share,
        "  a pass of KEDA for one pool, three calls, p50 (ms)": asked * 1000,
        "job is due → run begins on a runner that is started for it, p50 (s)": statistics.median(waits),
        "  the slowest (s)": waits[-1],
        "  p50, share of the limit of 10 s": statistics.median(waits) / LIMIT_SECONDS,
    }


def _ask_seconds(play: Play) -> float:
    began = time.perf_counter()
    play.scaled_jobs[Pool.CREATES].ask()
    return time.perf_counter() - began


def _run(play: Play, name: str) -> None:
    """A create on a runner of its own, to the end of both."""
    cluster_id = play.driver.create(name)
    job = play.scaled_jobs[Pool.CREATES]
    while play.driver.sql(UNSTARTED) != [(0,)]:
        job.poll()
        time.sleep(ASK_SECONDS)
    play.driver.wait(cluster_id, "READY")
    while play.runners.alive():
        time.sleep(ASK_SECONDS)
