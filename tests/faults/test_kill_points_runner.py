"""The kill points of the runner, each alone: it dies at exactly that line, and the cluster's life goes on."""

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.deaths import wait_until_one_died
from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS, stopped
from tests.faults.plan import SCHEDULER_POINTS

DESTROY = {Failpoint.DESTROY_START, Failpoint.DESTROY_HALF, Failpoint.DESTROY_DONE, Failpoint.DESTROY_BETWEEN_LOOKS}
INSTALL = set(Failpoint) - SCHEDULER_POINTS - DESTROY - {Failpoint.JANITOR_TAKEOVER}


@pytest.mark.parametrize("point", sorted(INSTALL))
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
