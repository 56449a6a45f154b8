"""The scheduler is away in the middle of eight installs: for less than the trust window, and for longer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ocpctl_installer_runner.lease import boottime
from ocpctl_local.settings import UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import running_stack

from tests.faults.driver import Driver
from tests.faults.outsider import stopped
from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence
from tests.oracle.processes import attempts_alive
from tests.waiting import slowed, wait_for

# About a tenth of the real times. A call's deadline of 5 s and a slow machine do not get smaller: the trust window
# holds a short outage, a heartbeat before it, a call that runs into it, and six seconds more.
TIMES = slowed(
    LeaseTimes(
        lease=28,
        heartbeat=1,
        trust=20,
        kill=2,
        quarantine=4,
        teardown_interval=0.5,
        sweep=0.5,
        backoff_unit=0.5,
        silence=30,
        stall=30,
        stop=3,
    )
)
SHORT_OUTAGE = 8
LONG_OUTAGE = TIMES.lease + TIMES.quarantine + 4
INSTALLS = 8


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Driver]:
    hanging = {"hang_stage": "control-plane", "hang_until": str(tmp_path / "go")}  # all are amid when they are hurt
    default = {**hanging, "time_scale": 0.4, "print_secrets": True, "journal": str(tmp_path / "journal.jsonl")}
    settings = StackSettings(
        folder=tmp_path,
        slots=INSTALLS // 2 + 1,  # one is kept for destroys
        times=TIMES,
        knobs={"default": default},
        limits=UNLIMITED,
    )
    with running_stack(settings) as stack:
        driver = Driver(stack, patience=180)
        yield driver
        evidence = Evidence(stack=stack, journal=tmp_path / "journal.jsonl", accepted=driver.accepted)
        assert [str(violation) for violation in violations(evidence)] == []


def running(driver: Driver) -> set[str]:
    """Attempts that have processes."""
    ours = {str(row[0]) for row in driver.sql("SELECT id FROM attempts")}
    return ours & attempts_alive()


def amid(driver: Driver) -> set[str]:
    """Attempts of which the installer creates."""
    rows = driver.sql("SELECT id FROM attempts WHERE authorized_at IS NOT NULL AND ended_at IS NULL")
    return {str(row[0]) for row in rows}


def all_amid(driver: Driver) -> bool:
    """Permitted, and begun: between the two a runner tells its progress."""
    return len(amid(driver)) == INSTALLS and running(driver) >= amid(driver)


@pytest.mark.timeout(400)  # eight installs twice, an outage of minutes, and all checks
def test_the_scheduler_is_away(driver: Driver) -> None:
    """A long one: every tree is killed while its lease lasts, and all is redone cleanly. A short one: all survive."""
    ids = [driver.create(f"bad-day-{number:02d}") for number in range(INSTALLS)]
    wait_for(lambda: all_amid(driver), 90, "the beginning of all installs")
    first = amid(driver)
    with stopped(driver.stack, "scheduler"):
        woken = boottime() + LONG_OUTAGE
        wait_for(lambda: not running(driver), TIMES.lease, "the end of every tree")
        wait_for(lambda: boottime() > woken)
    wait_for(lambda: all_amid(driver) and not amid(driver) & first, 120, "the second beginning")
    second = amid(driver)
    with stopped(driver.stack, "scheduler"):
        woken = boottime() + SHORT_OUTAGE
        wait_for(lambda: boottime() > woken)
    assert running(driver) >= second
    (driver.stack.folder / "go").touch()
    for cluster_id in ids:
        driver.wait(cluster_id, "READY")
        assert [end[1:] for end in driver.attempts(cluster_id)] == [
            ("LEASE_LOST", "VERIFIED"),
            ("SUCCEEDED", "REQUIRED"),
        ]
