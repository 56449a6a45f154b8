"""An installer that writes very much, and a log process that is killed: neither costs a lease, a run or memory."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ocpctl_local.settings import UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.faults.driver import Driver
from tests.waiting import slowed, wait_for

MEGABYTES = 300
MOST_RUNNER_KB = 260_000  # an idle runner with its clients takes about 110 MB
MOST_READER_KB = 120_000
TIMES = slowed(LeaseTimes(lease=15, trust=8, kill=2, heartbeat=1, teardown_interval=0.3))


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    folder = tmp_path_factory.mktemp("big-log")
    default = {"time_scale": 0.2, "print_secrets": True}
    settings = StackSettings(folder=folder, runners=1, times=TIMES, knobs={"default": default}, limits=UNLIMITED)
    with running_stack(settings) as stack:
        yield Driver(stack)


def readers(stack: Stack) -> list[int]:
    """The log processes of this stack's runner."""
    runners = {pid for name, pid in stack.state.pids.items() if "runner" in name}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(re.findall(r"PPid:\s*(\d+)", (folder / "status").read_text())[0])
            if parent in runners and b"log_reader_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (OSError, IndexError):
            continue  # it has ended meanwhile
    return found


def peak_kb(pid: int) -> int:
    """The most memory that a process has had, 0 when it is gone."""
    try:
        return max(map(int, re.findall(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())), default=0)
    except OSError:
        return 0


class Peak:
    """Looks at the log processes all the time."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._stop = stack, threading.Event()
        self.kb = 0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.2):
            self.kb = max(self.kb, *(peak_kb(pid) for pid in readers(self._stack)), 0)


def lines_of(driver: Driver, cluster_id: str) -> list[str]:
    query = "SELECT l.line FROM job_log_lines l JOIN attempts a ON a.id = l.attempt_id WHERE a.cluster_id = %s"
    return [row[0] for row in driver.sql(query, cluster_id)]


@pytest.mark.timeout(1500)  # the whole log is read and redacted, beside other tests; how fast is not the claim
def test_the_lease_is_held_beside_a_log_of_300_megabytes(driver: Driver) -> None:
    driver.knobs("biglog", log_megabytes=MEGABYTES)
    with Peak(driver.stack) as readers_peak:
        cluster_id = driver.create("biglog")
        driver.wait(cluster_id, "READY", seconds=1200)
    runner = next(pid for name, pid in driver.stack.state.pids.items() if "runner" in name)
    assert [row[1] for row in driver.attempts(cluster_id)] == ["SUCCEEDED"]
    assert 0 < readers_peak.kb < MOST_READER_KB
    assert peak_kb(runner) < MOST_RUNNER_KB
    # Either it was read to its end and is too long to be kept, or a busy machine did not read it in time.
    assert any("the log that is kept with the attempt has" in line for line in lines_of(driver, cluster_id))


def test_a_log_process_that_is_killed_costs_nothing_but_is_told(driver: Driver) -> None:
    driver.knobs("killed", hang_stage="api")
    cluster_id = driver.create("killed")
    wait_for(lambda: any("AWS" in line or "infra" in line for line in lines_of(driver, cluster_id)), what="lines")
    for pid in readers(driver.stack):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: any("was lost" in line for line in lines_of(driver, cluster_id)), what="that it is told")
    wait_for(lambda: readers(driver.stack), what="another log process")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED", seconds=120)
    told = lines_of(driver, cluster_id)
    assert len(told) == len(set(told)) or told.count(told[0]) == 1
