"""Every kill point alone: a process dies at exactly that line, and the cluster's life goes on to its proven end."""

import time
from pathlib import Path

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS, stopped
from tests.faults.plan import SCHEDULER_POINTS

SCHEDULER = SCHEDULER_POINTS - {Failpoint.TAKEOVER_COMMITTED}
IN_A_TAKEOVER = {Failpoint.JANITOR_TAKEOVER: "janitor", Failpoint.TAKEOVER_COMMITTED: "scheduler"}
RUNNER = [point for point in Failpoint if point not in SCHEDULER and point not in IN_A_TAKEOVER]
DESTROY = {Failpoint.DESTROY_START, Failpoint.DESTROY_HALF, Failpoint.DESTROY_DONE, Failpoint.DESTROY_BETWEEN_LOOKS}


def died(driver: Driver, component: str, pid: int) -> bool:
    """Whether the armed process is gone."""
    return driver.stack.state.pids[component] != pid or not Path(f"/proc/{pid}").exists()


def wait_until_one_died(driver: Driver, pids: dict[str, int]) -> None:
    give_up = time.monotonic() + 60
    while not any(died(driver, component, pid) for component, pid in pids.items()):
        assert time.monotonic() < give_up, "the failpoint was never reached"
        time.sleep(0.1)


@pytest.mark.parametrize("point", sorted(SCHEDULER))
def test_the_scheduler_dies(driver: Driver, name: str, point: Failpoint) -> None:
    pids = driver.stack.arm(point, "scheduler")
    driver.life(name)
    wait_until_one_died(driver, pids)


@pytest.mark.parametrize("point", [point for point in RUNNER if point not in DESTROY])
def test_a_runner_dies_while_it_installs(driver: Driver, name: str, point: Failpoint) -> None:
    """The other runner is stopped until then, so that the armed one gets the work."""
    pids = driver.stack.arm(point, RUNNERS[0])
    with stopped(driver.stack, RUNNERS[1]):
        cluster_id = driver.create(name)
        wait_until_one_died(driver, pids)
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


@pytest.mark.parametrize("point", sorted(DESTROY))
def test_a_runner_dies_while_it_destroys(driver: Driver, name: str, point: Failpoint) -> None:
    cluster_id = driver.create(name)
    driver.wait(cluster_id, "READY")
    pids = driver.stack.arm(point, RUNNERS[0])
    with stopped(driver.stack, RUNNERS[1]):
        driver.destroy(cluster_id)
        wait_until_one_died(driver, pids)
    driver.wait(cluster_id, "DESTROYED")


@pytest.mark.parametrize("point", sorted(IN_A_TAKEOVER))
def test_a_death_amid_a_takeover(driver: Driver, name: str, point: Failpoint) -> None:
    runners = driver.stack.arm(Failpoint.RUNNER_STAGE_API, *RUNNERS)
    pids = driver.stack.arm(point, IN_A_TAKEOVER[point])
    driver.life(name)
    wait_until_one_died(driver, runners)
    wait_until_one_died(driver, pids)
