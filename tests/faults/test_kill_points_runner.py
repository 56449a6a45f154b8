"""The kill points of the runner, each alone: it dies at exactly that line, and the cluster's life goes on."""

from collections.abc import Callable
from itertools import zip_longest
from typing import TypeVar

import pytest
from ocpctl_common.failpoints import Failpoint

from tests.faults.deaths import wait_until_one_died
from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS, stopped
from tests.faults.plan import SCHEDULER_POINTS

DESTROY = {Failpoint.DESTROY_START, Failpoint.DESTROY_HALF, Failpoint.DESTROY_DONE, Failpoint.DESTROY_BETWEEN_LOOKS}
Answer = TypeVar("Answer")
INSTALL = set(Failpoint) - SCHEDULER_POINTS - DESTROY - {Failpoint.JANITOR_TAKEOVER}
LIVES = [*zip_longest(sorted(INSTALL), sorted(DESTROY))]


@pytest.mark.parametrize(("install", "destroy"), LIVES)
def test_a_runner_dies(driver: Driver, name: str, install: Failpoint, destroy: Failpoint | None) -> None:
    """While it installs; in some lives once more, while it destroys."""
    cluster_id = dying(driver, install, lambda: driver.create(name))
    driver.wait(cluster_id, "READY")
    if destroy:
        dying(driver, destroy, lambda: driver.destroy(cluster_id))
    else:
        driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def dying(driver: Driver, point: Failpoint, ask: Callable[[], Answer]) -> Answer:
    """Asks, and returns when the runner has died of it. The other runner is stopped, so that the armed one works."""
    pids = driver.stack.arm(point, RUNNERS[0])
    with stopped(driver.stack, RUNNERS[1]):
        answer = ask()
        wait_until_one_died(driver, pids)
    return answer
