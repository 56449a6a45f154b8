"""The kill points of scheduler and janitor, each alone: the process dies at exactly that line, and life goes on."""

from itertools import zip_longest

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.driver import Driver
from tests.faults.failpoint_deaths import call_until_death, disarm, wait_for_one_death
from tests.faults.outsider import RUNNERS
from tests.faults.plan import SCHEDULER_POINTS

IN_A_TAKEOVER = {Failpoint.JANITOR_TAKEOVER: "janitor", Failpoint.TAKEOVER_COMMITTED: "scheduler"}
OF_ANY_JOB = {Failpoint.RELAY_CLAIMED, Failpoint.RELAY_SENT, Failpoint.ACQUIRE_COMMITTED}
OF_A_CREATE = SCHEDULER_POINTS - OF_ANY_JOB - IN_A_TAKEOVER.keys()
LIVES = [*zip_longest(sorted(OF_A_CREATE), sorted(OF_ANY_JOB))]


@pytest.mark.parametrize(("create", "destroy"), LIVES)
def test_the_scheduler_dies(driver: Driver, name: str, create: Failpoint, destroy: Failpoint | None) -> None:
    """For a create; in some lives once more, for the destroy."""
    cluster_id = call_until_death(driver, create, "scheduler", lambda: driver.create(name))
    driver.wait(cluster_id, "READY")
    if destroy:
        call_until_death(driver, destroy, "scheduler", lambda: driver.destroy(cluster_id))
    else:
        driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


@pytest.mark.parametrize("point", sorted(IN_A_TAKEOVER))
def test_a_death_amid_a_takeover(driver: Driver, name: str, point: Failpoint) -> None:
    runners = driver.stack.arm(Failpoint.RUNNER_STAGE_API, *RUNNERS)
    pids = driver.stack.arm(point, IN_A_TAKEOVER[point])
    cluster_id = driver.create(name)
    wait_for_one_death(driver, runners)
    disarm(driver, runners)  # the other one would die of the next attempt
    wait_for_one_death(driver, pids)
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")
