"""Runners of one job each, started by a stand-in for KEDA: jobs wait for no runner, and no runner for a job.

`make scale` plays the same with 60 creates, 20 destroys and 20 runners at once.
"""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ocpctl_common.failpoints import VARIABLE, Failpoint
from ocpctl_common.lifecycle.pools import Pool

from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence
from tests.scaling.keda import Pod
from tests.scaling.play import Plan, Play, playing
from tests.scaling.verdict import counts, wrong
from tests.waiting import slowness, wait_for

PLAN = Plan(creates=6, destroys=3, create_limit=3, destroy_limit=2, time_scale=0.2, patience=150)
# As many as may run at once: before anything is made, amid the making, and before the report.
DEATHS = (Failpoint.RUNNER_SNAPSHOT_STORED, Failpoint.RUNNER_STAGE_NETWORK, Failpoint.RUNNER_INSTALLED)
ENDS_SOON = {"OCPCTL_ONCE_WAIT_SECONDS": "1", "OCPCTL_POLL_SECONDS": "1"}


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """A stack without runners."""
    with playing(PLAN, tmp_path_factory.mktemp("scaling")) as play:
        yield play


def exit_code(pod: Pod) -> int:
    """Of a runner that ends by itself."""
    wait_for(lambda: pod.ended() is not None, 60, f"the end of {pod.name}")
    code = pod.ended()
    assert code is not None
    return code


@pytest.mark.timeout(400)  # nine runs on runners that start for them, and the oracle's checks
def test_runners_come_for_jobs_and_go_with_them(play: Play) -> None:
    play.run()
    print(counts(play))
    assert list(wrong(play)) == []
    assert sum(seen.started for seen in play.seen.values()) >= PLAN.creates + PLAN.destroys
    assert play.creates_waiting_at_first_destroy > 0, "the control: destroys came while creates waited"
    assert play.peak > PLAN.create_limit, "the control: both pools had runners at the same time"


def test_a_runner_without_a_job_and_an_unfit_one_end_and_say_why(play: Play, tmp_path: Path) -> None:
    idle = play.runners.start("creates-idle", Pool.CREATES, **ENDS_SOON)
    unfit = play.runners.start("creates-unfit", Pool.CREATES, **ENDS_SOON, OCPCTL_INSTALLERS_DIR=str(tmp_path))
    assert (exit_code(idle), exit_code(unfit)) == (0, 1)
    assert "no job to take: this runner ends" in play.runners.log("creates-idle")
    said = play.runners.log("creates-unfit")
    assert "this runner could not do its work" in said
    assert "InstallerMissing" in said or "NotThere" in said or "4.20.3" in said


def test_told_to_stop_it_hands_its_job_back_and_another_one_does_it(play: Play) -> None:
    cluster_id = play.driver.create("stopped")
    first = play.runners.start("creates-stopped", Pool.CREATES, OCPCTL_DRAIN_SECONDS="0")
    wait_for(first.ready, 60, "a runner that has its job")
    play.runners.processes["creates-stopped"].send_signal(signal.SIGTERM)
    assert exit_code(first) == 0
    second = play.runners.start("creates-next", Pool.CREATES)
    play.driver.wait(cluster_id, "READY")
    assert exit_code(second) == 0
    assert play.driver.sql("SELECT count(*) FROM job_locks WHERE locked_by IS NOT NULL") == [(0,)]


def test_two_runners_for_one_job(play: Play) -> None:
    """One is enough: the other one waits for as long as it is told, is not ready meanwhile, and ends well."""
    cluster_id = play.driver.create("only-one")
    pods = [
        play.runners.start(f"creates-{which}", Pool.CREATES, OCPCTL_ONCE_WAIT_SECONDS=f"{5 * slowness()}")
        for which in ("one", "other")
    ]
    began = time.monotonic()
    wait_for(lambda: any(pod.ready() for pod in pods), 60, "a runner that has its job")
    assert sum(pod.ready() for pod in pods) == 1
    assert [exit_code(pod) for pod in pods] == [0, 0]
    assert time.monotonic() - began < 90 * slowness()
    play.driver.wait(cluster_id, "READY")


@pytest.mark.timeout(500)  # a lease runs out, and all is made again
def test_a_pod_that_is_killed_in_any_phase_costs_its_job_nothing_but_time(play: Play) -> None:
    ids = [play.driver.create(f"killed-{number}") for number in range(len(DEATHS))]
    dying = [
        play.runners.start(f"creates-dies-{number}", Pool.CREATES, **{VARIABLE: point})
        for number, point in enumerate(DEATHS)
    ]
    assert [exit_code(pod) for pod in dying] == [-signal.SIGKILL] * len(DEATHS)
    for pod in dying:  # its volume goes with it
        shutil.rmtree(play.driver.stack.folder / "work" / pod.name)
    creates = play.scaled_jobs[Pool.CREATES]

    def all_ready() -> bool:
        creates.poll()  # KEDA starts a runner when a lease has run out
        return all(play.driver.sql("SELECT status FROM clusters WHERE id = %s", one) == [("READY",)] for one in ids)

    wait_for(all_ready, 240, "all that was begun by pods that were killed")
    wait_for(lambda: play.runners.alive() == 0, 60, "the end of all runners")
    journal = play.driver.stack.folder / "journal.jsonl"
    evidence = Evidence(stack=play.driver.stack, journal=journal, accepted=play.driver.accepted)
    assert [str(violation) for violation in violations(evidence)] == []
