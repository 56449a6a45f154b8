"""Creates that hang keep no destroy waiting, and stuck destroys keep no create waiting."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ocpctl_local.settings import UNLIMITED, StackSettings
from ocpctl_local.stack import running_stack

from tests.faults.driver import FAULT_TIMES, Driver
from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence
from tests.waiting import wait_for

HANGING = ("hangs-1", "hangs-2", "hangs-3")
STUCK = ("stuck-1", "stuck-2")
EXPIRED = "UPDATE clusters SET destroy_at = clock_timestamp() WHERE id = %s"
RUNNING = "SELECT job_type FROM jobs WHERE status = 'RUNNING' ORDER BY job_type"


@contextmanager
def driving(folder: Path) -> Iterator[Driver]:
    """A stack with one runner of three slots; the oracle has the last word."""
    journal = folder / "journal.jsonl"
    knobs = {
        "default": {"time_scale": 0.1, "journal": str(journal)},
        "clusters": {name: {"hang_stage": "api", "time_scale": 0.1, "journal": str(journal)} for name in HANGING}
        | {name: {"destroy_blocked": True, "time_scale": 0.1, "journal": str(journal)} for name in STUCK},
    }
    settings = StackSettings(folder=folder, runners=1, slots=3, times=FAULT_TIMES, knobs=knobs, limits=UNLIMITED)
    with running_stack(settings) as stack:
        driver = Driver(stack)
        yield driver
        evidence = Evidence(stack=stack, journal=journal, accepted=driver.accepted)
        assert [str(violation) for violation in violations(evidence)] == []


def running(driver: Driver) -> list[str]:
    """Types of the jobs that run."""
    return [str(row[0]) for row in driver.sql(RUNNING)]


@pytest.mark.timeout(400)  # eight lives on one runner with three slots, and the oracle's checks
def test_a_destroy_and_an_end_of_time_wait_behind_no_create(tmp_path: Path) -> None:
    with driving(tmp_path) as driver:
        asked, over, *stuck = [driver.create(name) for name in ("asked", "over", *STUCK)]
        for cluster_id in (asked, over, *stuck):
            driver.wait(cluster_id, "READY")
        hanging = [driver.create(name) for name in HANGING]
        wait_for(lambda: running(driver) == ["CREATE"] * 2, what="creates in all slots that they may take")
        driver.destroy(asked)
        driver.sql(EXPIRED, over)
        for cluster_id in (asked, over):
            driver.wait(cluster_id, "DESTROYED")
        assert running(driver) == ["CREATE"] * 2, "the control: the creates hung all the time"
        for name, cluster_id in zip(HANGING, hanging, strict=True):
            driver.knobs(name, journal=str(tmp_path / "journal.jsonl"))
            driver.destroy(cluster_id)
        for cluster_id in hanging:
            driver.wait(cluster_id, "DESTROYED")
        for cluster_id in stuck:
            driver.destroy(cluster_id)
        wait_for(lambda: running(driver) == ["DESTROY"] * 2, what="destroys in all slots that they may take")
        driver.wait(driver.create("quick"), "READY")
        assert running(driver) == ["DESTROY"] * 2, "the control: the destroys were stuck all the time"
        for name in STUCK:
            driver.knobs(name, journal=str(tmp_path / "journal.jsonl"))
        driver.stack.replace("installer-runner-1")
        for cluster_id in stuck:
            driver.wait(cluster_id, "DESTROYED")
