"""Every kill point alone: a process dies at exactly that line, and the cluster's life goes on to its proven end."""

import time
from pathlib import Path

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.driver import Driver

SCHEDULER = {
    Failpoint.ACCEPT_BEFORE_COMMIT,
    Failpoint.ACCEPT_COMMITTED,
    Failpoint.RELAY_CLAIMED,
    Failpoint.RELAY_SENT,
    Failpoint.ACQUIRE_COMMITTED,
    Failpoint.AUTHORIZE_COMMITTED,
    Failpoint.REPORT_COMMITTED,
}
IN_A_TAKEOVER = {Failpoint.JANITOR_TAKEOVER: "janitor", Failpoint.TAKEOVER_COMMITTED: "scheduler"}
RUNNER = [point for point in Failpoint if point not in SCHEDULER and point not in IN_A_TAKEOVER]
RUNNERS = ("installer-runner-1", "installer-runner-2")


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


@pytest.mark.parametrize("point", RUNNER)
def test_a_runner_dies(driver: Driver, name: str, point: Failpoint) -> None:
    """Both runners are armed, so that whichever is rung first dies; then the other one."""
    pids = driver.stack.arm(point, *RUNNERS)
    driver.life(name)
    wait_until_one_died(driver, pids)


@pytest.mark.parametrize("point", sorted(IN_A_TAKEOVER))
def test_a_death_amid_a_takeover(driver: Driver, name: str, point: Failpoint) -> None:
    runners = driver.stack.arm(Failpoint.RUNNER_STAGE_API, *RUNNERS)
    pids = driver.stack.arm(point, IN_A_TAKEOVER[point])
    driver.life(name)
    wait_until_one_died(driver, runners)
    wait_until_one_died(driver, pids)
