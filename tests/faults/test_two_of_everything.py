"""Two schedulers, gateways and janitors and three runners behind one Envoy: they share the work and double nothing."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_local.client import Client
from ocpctl_local.settings import UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.faults.driver import TIME_SCALE, Driver
from tests.faults.outsider import stopped
from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence
from tests.waiting import slowed, wait_for

COPIES = {
    "scheduler": ("scheduler", "scheduler-2"),
    "api-gateway": ("api-gateway", "api-gateway-2"),
    "janitor": ("janitor", "janitor-2"),
}
MAKERS = {"installer-runner-1", "installer-runner-2"}
DESTROYER = "installer-runner-3"  # is started for the pool of destroys alone
SERVED = re.compile(r'ocpctl_rpc_duration_seconds_count\{method="[^"]*?(\w+)"\} (\d+)')
# Twice the processes on the same cores: here a lease that is lost without a fault would be a finding.
TIMES = slowed(
    LeaseTimes(
        lease=12,
        heartbeat=1,
        trust=6,
        kill=3,
        quarantine=2,
        claim=6,
        silence=15,
        relay_claim=3,
        teardown_interval=0.3,
        sweep=0.8,
        backoff_unit=0.2,
        stall=2,
        stop=2,
    )
)
CREATES = 4
ASKERS = 2
AMID = "SELECT count(*) FROM attempts WHERE mode = 'INSTALL' AND authorized_at IS NOT NULL AND ended_at IS NULL"
AGAIN = """
SELECT cluster_id, runner, outcome, ended_at FROM attempts WHERE cluster_id IN (
  SELECT cluster_id FROM attempts WHERE mode = 'INSTALL' GROUP BY 1 HAVING count(*) > 1) ORDER BY 1, 4
"""
OVER = "UPDATE clusters SET destroy_at = clock_timestamp() WHERE id = ANY(%s)"
DOUBLED = """
SELECT action, target_cluster_id FROM audit_events WHERE action LIKE '%%REQUESTED' GROUP BY 1, 2 HAVING count(*) > 1
"""


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    journal = tmp_path / "journal.jsonl"
    settings = StackSettings(
        folder=tmp_path,
        schedulers=2,
        gateways=2,
        janitors=2,
        runners=3,
        pools=(tuple(Pool), tuple(Pool), (Pool.DESTROYS,)),
        slots=4,
        times=TIMES,
        knobs={"default": {"time_scale": TIME_SCALE, "journal": str(journal)}},
        limits=UNLIMITED,
    )
    with running_stack(settings) as stack:
        driver = Driver(stack)
        yield driver
        evidence = Evidence(stack=stack, journal=journal, accepted=driver.accepted)
        assert [str(violation) for violation in violations(evidence)] == []


def served(stack: Stack, metrics: str, *methods: str) -> int:
    """How many calls of these methods a copy has answered."""
    answer = urllib3.request("GET", f"http://127.0.0.1:{stack.state.ports[metrics]}/metrics", retries=False, timeout=5)
    counts = Counter[str]()
    for method, count in SERVED.findall(answer.data.decode()):
        counts[method] += int(count)
    return sum(counts[method] for method in methods)


def create_all(driver: Driver, prefix: str) -> list[str]:
    with ThreadPoolExecutor(CREATES) as together:
        return list(together.map(driver.create, [f"{prefix}-{number}" for number in range(CREATES)]))


def shares(driver: Driver) -> dict[str, list[int]]:
    """Calls that each copy of a service has answered."""
    stack = driver.stack
    return {
        "scheduler": [served(stack, f"scheduler_metrics{end}", "Acquire", "Heartbeat") for end in ("", "-2")],
        "gateway": [served(stack, f"gateway_metrics{end}", "CreateCluster", "GetCluster") for end in ("", "-2")],
    }


@contextmanager
def asking(stack: Stack) -> Iterator[Counter[int]]:
    """People who ask all the time through Envoy; counts the statuses of their answers, 0: none."""
    statuses, over = Counter[int](), threading.Event()

    def ask() -> None:
        client = Client(stack)
        while not over.is_set():
            try:
                statuses[client.call("GET", "/clusters").status] += 1
                time.sleep(0.05)
            except urllib3.exceptions.HTTPError:
                statuses[0] += 1

    stack.token("requester")
    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.timeout(300)
def test_work_is_shared_nothing_is_doubled_and_one_of_each_may_die(driver: Driver) -> None:
    quiet = create_all(driver, "quiet")
    for cluster_id in quiet:
        driver.wait(cluster_id, "READY")
    for _ in range(60):  # Envoy chooses by chance between two that are idle: few calls may all be for one
        Client(driver.stack).call("GET", f"/clusters/{quiet[0]}")
    for service, (one, other) in shares(driver).items():
        assert min(one, other) > (one + other) / 5, f"{service}: {one} and {other} calls"
    assert {str(row[0]) for row in driver.sql("SELECT runner FROM attempts")} == MAKERS
    assert driver.sql(AGAIN) == []

    stormy = create_all(driver, "stormy")
    wait_for(lambda: driver.sql(AMID) >= [(2,)], what="the middle of some installs")
    with asking(driver.stack) as statuses:
        for name in ("api-gateway", "scheduler-2", "janitor", "installer-runner-2"):
            driver.stack.replace(name)
        for cluster_id in stormy:
            driver.wait(cluster_id, "READY")
    assert statuses.total() - statuses[200] <= ASKERS, f"only what was on the wire may fail: {statuses}"

    for frozen, ids in zip(COPIES["janitor"], (quiet, stormy), strict=True):
        with stopped(driver.stack, frozen):
            driver.sql(OVER, ids)
            for cluster_id in ids:
                driver.wait(cluster_id, "DESTROYED")
    assert driver.sql("SELECT count(*) FROM jobs WHERE job_type = 'JANITOR_DESTROY'") == [(2 * CREATES,)]
    assert driver.sql(DOUBLED) == []
    assert [row[0] for row in driver.sql("SELECT DISTINCT mode FROM attempts WHERE runner = %s", DESTROYER)] == [
        "CLEANUP"
    ]
