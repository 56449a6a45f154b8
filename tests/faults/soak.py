"""`python -m tests.faults.soak`: whole lives by the hundred while everything dies; all checks at the end.

The plan of faults follows from the seed; the report names both.
"""

import argparse
import random
import shutil
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path

from ocpctl_local.processes import owned_folder
from ocpctl_local.settings import ROOT, UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import running_stack

from tests.faults.driver import Driver
from tests.faults.injector import RUNNER, FaultInjector
from tests.faults.plan import Fault, Names, Plan, plan
from tests.faults.soak_report import Report, report
from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence
from tests.run_folder import make_run_folder

# About a twentieth of the real times: a service may be away for as long as it takes to start it again.
TIMES = LeaseTimes(
    lease=14,
    heartbeat=1,
    trust=10,
    kill=1,
    quarantine=2,
    teardown_interval=0.5,
    sweep=0.5,
    backoff_unit=0.5,
    silence=10,
    claim=3,
    relay_claim=5,
    stall=20,
    stop=3,
)
TIME_SCALE = 1.7  # an install takes longer than lease and quarantine
FLAKY = {"fail_stage": "bootstrap", "fail_class": "BOOTSTRAP", "fail_times": 1}
KEY_BITS = 2048  # ccoctl's key pairs take less time
WITH_A_ROLE = (1, 3, 5)  # half of the runners make credentials for their clusters
RUNNERS = 6
SLOTS = 4
AT_ONCE = 19
REPEATS = 20
PATIENCE = 900.0
POLL_SECONDS = 1.0
PROGRESS_SECONDS = 15.0
KEPT = ROOT / ".local" / "soak"
HURTERS = 3
MOST_EXTRA = 100
MOST_BEHIND = 2 * AT_ONCE  # lives wait for faults that are so many lives late,
MOST_WAIT_SECONDS = 20.0  # but not for ever: an armed process dies only of work


class Soak:
    """One soak on one stack."""

    def __init__(self, driver: Driver, made: Plan) -> None:
        self._driver = driver
        self._plan = made
        self._left = deque(made.faults)
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.injector = FaultInjector(driver, stop_seconds=TIMES.lease + TIMES.quarantine)
        self.begun = 0
        self.ended = 0
        self.broken: list[str] = []  # lives that did not come to their end
        self._names = Names(made)

    def run(self) -> None:
        """Returns when every life and every fault is over; shows progress."""
        lives = [threading.Thread(target=self._work, daemon=True) for _ in range(AT_ONCE)]
        faults = [threading.Thread(target=self._hurt, daemon=True) for _ in range(HURTERS)]
        for thread in lives + faults:
            thread.start()
        began = shown = time.monotonic()
        while any(thread.is_alive() for thread in lives + faults):
            if not any(thread.is_alive() for thread in lives):
                self._over.set()
            time.sleep(0.05)
            self.injector.collect_deaths()
            if time.monotonic() - shown > PROGRESS_SECONDS:
                shown = time.monotonic()
                self._show(shown - began)

    def _note(self, wrong: str) -> None:
        print(f"  ! {wrong}", flush=True)
        self.broken.append(wrong)

    def _show(self, elapsed: float) -> None:
        faults = f"{self.injector.done} of {len(self._plan.faults)} faults"
        lives = f"{self.ended} of {self._plan.lives} lives ended, {self.begun - self.ended} going on"
        lives += f", {len(self.broken)} not as they should" if self.broken else ""
        deaths = f"{len(self.injector.reached)} deaths at kill points"
        waiting = ", ".join(self.injector.waiting())
        print(f"  {elapsed:6.0f} s  {lives}; {faults}, {deaths}, armed: {waiting or 'none'}", flush=True)

    def _work(self) -> None:
        while (number := self._next_life()) is not None:
            self._wait_for_faults(number)
            name = self._plan.name(number)
            try:
                with self._names.held(number):
                    self._live(number, name)
            except Exception as error:  # noqa: BLE001 - whatever it was, it is told, and the next life begins
                self._note(f"life {number}, {name}: {error!r}")
            with self._lock:
                self.ended += 1

    def _next_life(self) -> int | None:
        """Its number. There are more lives than planned while an armed process waits for work to die of."""
        with self._lock:
            enough = self._plan.lives + (MOST_EXTRA if self._left or self.injector.waiting() else 0)
            if self.begun >= enough:
                return None
            self.begun += 1
            return self.begun - 1

    def _wait_for_faults(self, number: int) -> None:
        give_up = time.monotonic() + MOST_WAIT_SECONDS
        while time.monotonic() < give_up and self._late(number):
            time.sleep(0.2)

    def _late(self, number: int) -> bool:
        with self._lock:
            return bool(self._left) and self._left[0].at + MOST_BEHIND < number

    def _live(self, number: int, name: str) -> None:
        """From request to receipt; some change their mind amid the install."""
        cluster_id = self._driver.create(name)
        if number in self._plan.early:
            time.sleep(random.Random(number).uniform(0, 12))
        else:
            self._driver.wait(cluster_id, "READY", "FAILED")
        self._driver.destroy(cluster_id)
        self._driver.wait(cluster_id, "DESTROYED")

    def _hurt(self) -> None:
        """One fault after the other; one whose target still waits for its death is put off."""
        while self._left and not self._over.is_set():
            if fault := self._next():
                self._hurt_safely(fault)
            else:
                time.sleep(0.2)

    def _hurt_safely(self, fault: Fault) -> None:
        """A fault that could not be carried out makes the soak worthless, not endless."""
        try:
            self.injector.inject(fault)
        except Exception as error:  # noqa: BLE001
            self._note(f"{fault}: {error!r}")

    def _next(self) -> Fault | None:
        with self._lock:
            fault = self.injector.take(fault for fault in self._left if fault.at <= self.begun)
            if fault:
                self._left.remove(fault)
            return fault


def _flaky(step: str) -> dict[str, object]:
    """A cluster whose credentials are not made for it has no ccoctl that could die."""
    return {"ccoctl_die": step, "ccoctl_times": 1} if step else FLAKY


def _runners() -> tuple[list[str], list[str]]:
    """All of them, and those with a role."""
    numbers = range(1, RUNNERS + 1)
    return [_runner(number) for number in numbers], [_runner(number) for number in WITH_A_ROLE]


def _runner(number: int) -> str:
    return f"{RUNNER}-{number}"


def soak(seed: int, lives: int, repeats: int, folder: Path) -> Report:
    """Runs one on a stack of its own in `folder`."""
    default = {"time_scale": TIME_SCALE, "print_secrets": True, "journal": str(folder / "journal.jsonl")}
    default["key_bits"] = KEY_BITS
    made = plan(seed, lives, repeats, *_runners())
    knobs = {"default": default, "clusters": {made.name(number): _flaky(step) for number, step in made.flaky.items()}}
    settings = StackSettings(
        folder=folder, runners=RUNNERS, slots=SLOTS, times=TIMES, knobs=knobs, limits=UNLIMITED, with_a_role=WITH_A_ROLE
    )
    with running_stack(settings) as stack:
        driver = Driver(stack, patience=PATIENCE, poll_seconds=POLL_SECONDS)
        began = time.monotonic()
        run = Soak(driver, made)
        run.run()
        seconds = time.monotonic() - began
        print("  all checks", flush=True)
        evidence = Evidence(stack=stack, journal=folder / "journal.jsonl", accepted=driver.accepted)
        found = [*run.broken, *map(str, violations(evidence))]
        return report(made, run.injector, evidence, TIMES, found=found, seconds=seconds)


def main() -> None:
    """Prints progress, writes the report; ends with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--lives", type=int, default=1000, help="clusters that are created and destroyed")
    parser.add_argument("--seed", type=int, default=1, help="the plan follows from it")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="how often each kill point comes")
    parser.add_argument("--report", type=Path, default=Path(".local/soak.md"))
    words = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both leave nothing behind
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = make_run_folder()
    done = None
    try:
        done = soak(words.seed, words.lives, words.repeats, folder)
    finally:
        if done and done.violations:
            shutil.rmtree(KEPT, ignore_errors=True)
            folder.rename(KEPT)
            print(f"what the stack wrote is kept in {KEPT}")
        owned_folder.remove(folder)
    words.report.parent.mkdir(parents=True, exist_ok=True)
    words.report.write_text(done.text)
    print(done.text)
    print(f"written to {words.report}")
    sys.exit(bool(done.violations))


if __name__ == "__main__":
    main()
