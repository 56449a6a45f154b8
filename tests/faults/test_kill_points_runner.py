"""The kill points of the runner, each alone: it dies at exactly that line, and the cluster's life goes on."""

from itertools import zip_longest

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.driver import Driver
from tests.faults.failpoint_deaths import call_until_death
from tests.faults.outsider import RUNNERS, stopped
from tests.faults.plan import SCHEDULER_POINTS

DESTROY = {Failpoint.DESTROY_START, Failpoint.DESTROY_HALF, Failpoint.DESTROY_DONE, Failpoint.DESTROY_BETWEEN_LOOKS}
INSTALL = set(Failpoint) - SCHEDULER_POINTS - DESTROY - {Failpoint.JANITOR_TAKEOVER}
LIVES = [*zip_longest(sorted(INSTALL), sorted(DESTROY))]


@pytest.mark.parametrize(("install", "destroy"), LIVES)
def test_a_runner_dies(driver: Driver, name: str, install: Failpoint, destroy: Failpoint | None) -> None:
    """While it installs; in some lives once more, while it destroys. The other is stopped until the armed one died."""
    with stopped(driver.stack, RUNNERS[1]):
        cluster_id = call_until_death(driver, install, RUNNERS[0], lambda: driver.create(name))
    driver.wait(cluster_id, "READY")
    if destroy:
        with stopped(driver.stack, RUNNERS[1]):
            call_until_death(driver, destroy, RUNNERS[0], lambda: driver.destroy(cluster_id))
    else:
        driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")
