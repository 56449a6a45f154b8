"""Seeing that an armed process has died."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ocpctl_common.failpoints import Failpoint

from tests.faults.driver import Driver
from tests.waiting import wait_for

Answer = TypeVar("Answer")


def dying(driver: Driver, point: Failpoint, component: str, ask: Callable[[], Answer]) -> Answer:
    """Arms the process, asks for what brings it to that line, and returns when it has died there."""
    pids = driver.stack.arm(point, component)
    answer = ask()
    wait_until_one_died(driver, pids)
    return answer


def died(driver: Driver, component: str, pid: int) -> bool:
    """Whether the armed process is gone."""
    return driver.stack.state.pids[component] != pid or not Path(f"/proc/{pid}").exists()


def wait_until_one_died(driver: Driver, pids: dict[str, int]) -> None:
    """Returns when one of the armed processes is gone. Raises AssertionError."""
    wait_for(lambda: any(died(driver, component, pid) for component, pid in pids.items()), what="the failpoint's death")
