"""Seeing that an armed process has died."""

from pathlib import Path

from tests.faults.driver import Driver
from tests.waiting import wait_for


def died(driver: Driver, component: str, pid: int) -> bool:
    """Whether the armed process is gone."""
    return driver.stack.state.pids[component] != pid or not Path(f"/proc/{pid}").exists()


def wait_until_one_died(driver: Driver, pids: dict[str, int]) -> None:
    """Returns when one of the armed processes is gone. Raises AssertionError."""
    wait_for(lambda: any(died(driver, component, pid) for component, pid in pids.items()), what="the failpoint's death")
