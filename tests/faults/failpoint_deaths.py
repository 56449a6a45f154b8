"""Arms a process at a failpoint and waits until it has died there."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ocpctl_common.failpoints import Failpoint

from tests.faults.driver import Driver
from tests.waiting import wait_for

Answer = TypeVar("Answer")


def call_until_death(driver: Driver, point: Failpoint, component: str, ask: Callable[[], Answer]) -> Answer:
    """Arms the process, makes the call that brings it to the failpoint, and returns when it has died there."""
    pids = driver.stack.arm(point, component)
    answer = ask()
    wait_for_one_death(driver, pids)
    return answer


def died(driver: Driver, component: str, pid: int) -> bool:
    """Whether the armed process is gone."""
    return driver.stack.state.pids[component] != pid or not Path(f"/proc/{pid}").exists()


def wait_for_one_death(driver: Driver, pids: dict[str, int]) -> None:
    """Returns when one of the armed processes is gone. Raises AssertionError."""
    wait_for(lambda: any(died(driver, component, pid) for component, pid in pids.items()), what="the failpoint's death")


def disarm(driver: Driver, pids: dict[str, int]) -> None:
    """Replaces the armed processes that live: they would die in a later test."""
    driver.stack.replace(*(component for component, pid in pids.items() if not died(driver, component, pid)))
