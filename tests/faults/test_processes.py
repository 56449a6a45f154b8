"""Processes that stop, stall, are cut off, or will not die."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from ocpctl_installer_runner.installer import process_tree

from tests.faults.driver import FAULT_TIMES, Driver
from tests.faults.outsider import RUNNERS, Line, environment, outsider, stopped
from tests.waiting import wait_for

TAKEN_OVER = FAULT_TIMES.lease + FAULT_TIMES.quarantine + 3 * FAULT_TIMES.sweep


def runner_of(driver: Driver, cluster_id: str) -> str:
    """Who holds the cluster's lease."""
    return str(driver.sql("SELECT locked_by FROM job_locks WHERE cluster_id = %s", cluster_id)[0][0])


def begun(driver: Driver, name: str, stage: str = "access") -> str:
    """A cluster amid `create cluster`."""
    cluster_id = driver.create(name)
    wait_for(lambda: stage in driver.operations(name), what=f"the stage {stage}")
    return cluster_id


def test_a_runner_that_is_stopped_for_longer_than_its_lease(driver: Driver, name: str) -> None:
    """SIGSTOP: nobody beats, nobody closes the pipe. The watchdog kills by its own clock before anybody takes over."""
    driver.knobs(name, hang_stage="api")
    cluster_id = begun(driver, name, "api")
    driver.knobs(name)  # the next attempt does not hang
    first = driver.attempts(cluster_id)[0][0]
    with stopped(driver.stack, runner_of(driver, cluster_id)):
        driver.wait(cluster_id, "READY")
    assert driver.attempts(cluster_id)[0] == (first, "LEASE_LOST", "VERIFIED")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def test_runner_and_installer_stopped_then_woken(driver: Driver, name: str) -> None:
    """The whole machine seems to sleep and wakes up when it is all over: the watchdog's clock went on."""
    cluster_id = begun(driver, name)
    first = driver.attempts(cluster_id)[0][0]
    pids = [driver.stack.state.pids[runner_of(driver, cluster_id)], *process_tree.find(first)]
    watched = [pid for pid in pids if not is_watchdog(pid)]
    for pid in watched:
        os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: process_tree.find(first) == [], TAKEN_OVER, "the end of the tree")
    os.kill(watched[0], signal.SIGCONT)
    driver.wait(cluster_id, "READY")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def is_watchdog(pid: int) -> bool:
    """Whether a process is a watchdog."""
    return b"watchdog_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_an_installer_that_ignores_sigterm_is_killed_and_cleaned_up(driver: Driver, name: str) -> None:
    driver.knobs(name, ignore_sigterm=True, hang_stage="api", journal=str(driver.stack.folder / "journal.jsonl"))
    cluster_id = begun(driver, name, "api")
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


def test_a_child_that_the_installer_leaves_behind_is_killed(driver: Driver, name: str) -> None:
    driver.knobs(name, leak_child=True, journal=str(driver.stack.folder / "journal.jsonl"))
    cluster_id = driver.create(name)
    driver.wait(cluster_id, "READY")
    assert process_tree.find(driver.attempts(cluster_id)[0][0]) == []
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")


@pytest.mark.parametrize("way", ["requests", "replies"])
def test_a_line_that_is_cut_in_one_direction(driver: Driver, name: str, way: str) -> None:
    """The runner behind it loses its lease and its installer; another one does the work."""
    line = Line(environment(driver.stack)["OCPCTL_SCHEDULER_TARGET"])
    with outsider(driver.stack, f"cut-off-{way}", {"OCPCTL_SCHEDULER_TARGET": line.address}):
        with stopped(driver.stack, *RUNNERS):
            cluster_id = begun(driver, name)
            line.cut.add(way)
            first = driver.attempts(cluster_id)[0][0]
            wait_for(lambda: process_tree.find(first) == [], TAKEN_OVER, "the end of the tree")
        driver.wait(cluster_id, "READY")
        line.cut.clear()
    driver.destroy(cluster_id)
    driver.wait(cluster_id, "DESTROYED")
    assert driver.attempts(cluster_id)[0][1] == "LEASE_LOST"


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_runner_whose_wall_clock_is_wrong(driver: Driver, name: str, hours: int) -> None:
    """Leases are measured by the database's clock and CLOCK_BOOTTIME; the wall clock decides nothing.

    gRPC hands deadlines to its core as times of the wall clock, which must be the core's.
    """
    program = (
        "import datetime, sys, time, types; real = time.time; from ocpctl_common import clock; import grpc._channel;"
        "grpc._channel.time = types.SimpleNamespace(**vars(time));"
        f"time.time = lambda: real() + {hours * 3600}; utc = clock.utc_now;"
        f"clock.utc_now = lambda: utc() + datetime.timedelta(hours={hours});"
        "import runpy; runpy.run_module('ocpctl_installer_runner', run_name='__main__')"
    )
    skewed = outsider(driver.stack, f"skewed{hours}", command=(sys.executable, "-c", program))
    with skewed, stopped(driver.stack, *RUNNERS):
        cluster_id = driver.create(name)
        driver.wait(cluster_id, "READY")
        driver.destroy(cluster_id)
        driver.wait(cluster_id, "DESTROYED")
    assert [outcome for _, outcome, _ in driver.attempts(cluster_id)] == ["SUCCEEDED"]


def test_two_runners_with_one_id_the_second_is_refused(driver: Driver) -> None:
    changes = {"OCPCTL_RUNNER_ID": RUNNERS[0]}
    with outsider(driver.stack, "twin", changes) as twin:
        assert twin.wait(60) == 1
    said = (driver.stack.folder / "logs" / "twin.log").read_text()
    assert f"another process lives as {RUNNERS[0]}; set another OCPCTL_RUNNER_ID" in said


def test_two_runners_in_one_directory_the_second_is_refused(driver: Driver) -> None:
    changes = {"OCPCTL_WORK_DIR": environment(driver.stack)["OCPCTL_WORK_DIR"]}
    with outsider(driver.stack, "lodger", changes) as lodger:
        assert lodger.wait(60) == 1
    assert "set another OCPCTL_WORK_DIR" in (driver.stack.folder / "logs" / "lodger.log").read_text()


def fill(path: Path) -> None:
    """Until nothing more fits."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


def test_a_disk_that_fills_up_fails_the_attempt_with_that_sentence(driver: Driver, name: str) -> None:
    """A small work directory, in a mount namespace of its own."""
    work = driver.stack.folder / "work" / "small-disk"
    work.mkdir()
    root = () if os.getuid() == 0 else ("--user", "--map-root-user")
    script = f"mount -t tmpfs -o size=2M tmpfs {work} && exec {sys.executable} -m ocpctl_installer_runner"
    command = ("unshare", *root, "--mount", "sh", "-c", script)
    with outsider(driver.stack, "small-disk", command=command) as process:
        with stopped(driver.stack, *RUNNERS):
            cluster_id = driver.create(name)
            wait_for(lambda: driver.attempts(cluster_id), what="its first attempt")
            fill(Path(f"/proc/{process.pid}/root{work}/fill"))
            wait_for(lambda: driver.job(cluster_id).get("errorMessage"), what="the failure")
        assert "No space left on device" in driver.job(cluster_id)["errorMessage"]
    driver.wait(cluster_id, "READY")  # another runner has room


LACKS = {
    "OCPCTL_INSTALLERS_DIR": ("/nonexistent", "This runner has no openshift-install for OpenShift 4.20.3"),
    "OCPCTL_PULL_SECRET_ARN": ("nothing", "AWS refused this runner the call GetSecretValue"),
    "OCPCTL_BUCKET": ("nowhere", "The bucket nowhere cannot be used"),
    "AWS_SESSION_TOKEN": ("a-roles", "It is needed because this runner's credentials are those of a role"),
}


def test_a_runner_that_cannot_create_takes_no_creates_and_says_why(driver: Driver, name: str) -> None:
    """Each lack alone is in tests/integration/runner/test_fitness_checks.py."""
    said = driver.stack.folder / "logs" / f"lacks-{name}.log"
    with outsider(driver.stack, f"lacks-{name}", {setting: value for setting, (value, _) in LACKS.items()}):
        sentences = [sentence for _, sentence in LACKS.values()]
        wait_for(lambda: said.exists() and all(told in said.read_text() for told in sentences), what="its words")
        with stopped(driver.stack, *RUNNERS):
            cluster_id = driver.create(name)
            time.sleep(3)
            assert driver.attempts(cluster_id) == []
        driver.wait(cluster_id, "READY")
        assert len(driver.attempts(cluster_id)) == 1
        driver.destroy(cluster_id)
        driver.wait(cluster_id, "DESTROYED")
