"""The kill points of scheduler and janitor, each alone: the process dies at exactly that line, and life goes on."""

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.deaths import wait_until_one_died
from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS
from tests.faults.plan import SCHEDULER_POINTS

IN_A_TAKEOVER = {Failpoint.JANITOR_TAKEOVER: "janitor", Failpoint.TAKEOVER_COMMITTED: "scheduler"}


@pytest.mark.parametrize("point", sorted(SCHEDULER_POINTS - IN_A_TAKEOVER.keys()))
def test_the_scheduler_dies(driver: Driver, name: str, point: Failpoint) -> None:
    pids = driver.stack.arm(point, "scheduler")
    driver.life(name)
    wait_until_one_died(driver, pids)


@pytest.mark.parametrize("point", sorted(IN_A_TAKEOVER))
def test_a_death_amid_a_takeover(driver: Driver, name: str, point: Failpoint) -> None:
    runners = driver.stack.arm(Failpoint.RUNNER_STAGE_API, *RUNNERS)
    pids = driver.stack.arm(point, IN_A_TAKEOVER[point])
    driver.life(name)
    wait_until_one_died(driver, runners)
    wait_until_one_died(driver, pids)
