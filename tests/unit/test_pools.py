"""Slots by pool: neither what makes things nor what ends them waits behind the other."""

import threading
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ocpctl_common.lifecycle.pools import Pool, may_take
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import RunMode
from ocpctl_installer_runner.grants import Grant
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.slots import Slots

from tests.unit.granted import grant
from tests.waiting import wait_for

CREATES, DESTROYS = Pool.CREATES, Pool.DESTROYS
ONE_EACH = {CREATES: 1, DESTROYS: 1}


@pytest.mark.parametrize(
    ("mode", "pool"),
    [
        (RunMode.INSTALL, CREATES),
        (RunMode.SCALE, CREATES),
        (RunMode.CLEANUP, DESTROYS),
        (RunMode.SWEEP, DESTROYS),
    ],
)
def test_what_ends_cost_is_a_destroy(mode: RunMode, pool: Pool) -> None:
    assert RUNS[mode].queue is pool


@pytest.mark.parametrize(
    ("pool", "busy", "free"),
    [
        (CREATES, {}, True),
        (CREATES, {CREATES: 2}, True),
        (CREATES, {CREATES: 3}, False),
        (CREATES, {CREATES: 2, DESTROYS: 1}, True),
        (CREATES, {CREATES: 3, DESTROYS: 1}, False),
        (CREATES, {DESTROYS: 3}, True),
        (DESTROYS, {CREATES: 3}, True),
        (DESTROYS, {DESTROYS: 3}, False),
        (DESTROYS, {CREATES: 1, DESTROYS: 2}, True),
    ],
)
def test_the_last_slots_are_kept_for_the_other_pool(pool: Pool, busy: dict[Pool, int], free: bool) -> None:
    assert may_take(pool, slots=4, reserved=ONE_EACH, busy=busy) is free


def test_whatever_one_pool_does_the_other_has_its_slots() -> None:
    for slots, create, destroy in product(range(1, 8), repeat=3):
        if create + destroy <= slots:
            reserved = {CREATES: create, DESTROYS: destroy}
            for pool, other in ((CREATES, DESTROYS), (DESTROYS, CREATES)):
                busy = {pool: 0, other: 0}
                while may_take(other, slots=slots, reserved=reserved, busy=busy):
                    busy[other] += 1
                assert slots - busy[other] == reserved[pool]


def test_a_full_pool_waits_and_the_other_goes_on() -> None:
    go, begun = threading.Event(), threading.Semaphore(0)

    def work(granted: Grant, requested_at: float) -> None:
        begun.release()
        go.wait(30)

    slots = Slots(work, slots=2, reserved=ONE_EACH)
    assert slots.take(CREATES)
    slots.run(CREATES, grant(), 0)
    third: list[bool] = []
    waiting = threading.Thread(target=lambda: third.append(slots.take(CREATES)))
    waiting.start()
    assert slots.take(DESTROYS)
    slots.run(DESTROYS, grant(), 0)
    assert all(begun.acquire(timeout=30) for _ in range(2))
    assert third == []
    go.set()
    waiting.join(30)
    assert third == [True]
    slots.give_back(CREATES)
    slots.close()
    slots.join()


def test_who_waits_for_a_slot_is_told_of_the_end() -> None:
    slots = Slots(lambda grant, requested_at: None, slots=1, reserved={CREATES: 1})
    assert slots.take(CREATES)
    told: list[bool] = []
    waiting = threading.Thread(target=lambda: told.append(slots.take(CREATES)))
    waiting.start()
    slots.close()
    waiting.join(30)
    assert told == [False]


def test_a_slot_for_both_goes_to_who_has_waited_longer() -> None:
    """An empty queue is asked again and again: whoever asks must not keep the slot from the other queue's work."""
    slots = Slots(lambda grant, requested_at: None, slots=3, reserved=ONE_EACH)
    for pool in (CREATES, DESTROYS, CREATES):
        assert slots.take(pool)
    taken: list[Pool] = []

    def take(pool: Pool) -> None:
        if slots.take(pool):
            taken.append(pool)
            slots.give_back(pool)

    waiting = threading.Thread(target=take, args=(DESTROYS,), daemon=True)
    waiting.start()
    wait_for(lambda: DESTROYS in slots.waiting)
    slots.give_back(CREATES)
    take(CREATES)
    waiting.join(30)
    assert taken == [DESTROYS, CREATES]


def settings(folder: Path, **changes: Any) -> RunnerSettings:
    """Enough for a runner."""
    values: dict[str, Any] = {
        "runner_id": "r",
        "scheduler_target": "-",
        "tls_dir": folder,
        "queue_url": "jobs",
        "destroy_queue_url": "destroys",
        "bucket": "-",
        "pull_secret_arn": "-",
        "installers_dir": folder,
        "profiles_dir": folder,
        "work_dir": folder,
    }
    return RunnerSettings(**(values | changes))


def test_a_runner_for_one_pool_listens_to_one_queue_with_all_its_slots(tmp_path: Path) -> None:
    one = settings(tmp_path, pools=["destroys"], queue_url="", slots=1)
    assert one.queues == {DESTROYS: "destroys"}
    assert one.reserved == {DESTROYS: 1}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"slots": 1}, "1 slots cannot keep 1 for creates and 1 for destroys: set OCPCTL_SLOTS higher"),
        ({"slots": 4, "reserved_destroy_slots": 4}, "4 slots cannot keep 1 for creates and 4 for destroys"),
        ({"destroy_queue_url": ""}, "no queue for destroys: set OCPCTL_DESTROY_QUEUE_URL"),
        ({"pools": ["creates"], "queue_url": ""}, "no queue for creates: set OCPCTL_QUEUE_URL"),
        ({"profiles_dir": None}, "creates need the releases that may be asked for: set OCPCTL_PROFILES_DIR"),
        ({"pools": ["installs"]}, "Input should be 'creates' or 'destroys'"),
        ({"pools": []}, "at least 1 item"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        settings(tmp_path, **wrong)


def test_what_cannot_work_is_told_as_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = settings(tmp_path).model_dump(include={"runner_id", "scheduler_target", "tls_dir", "queue_url", "bucket"})
    values |= {"pull_secret_arn": "-", "installers_dir": tmp_path, "profiles_dir": tmp_path, "work_dir": tmp_path}
    for name, value in values.items():
        monkeypatch.setenv(f"OCPCTL_{name.upper()}", str(value))
    with pytest.raises(SystemExit) as end:
        RunnerSettings.load()
    assert str(end.value).splitlines()[1:] == [
        "  no queue for destroys: set OCPCTL_DESTROY_QUEUE_URL, or leave it out of OCPCTL_POOLS"
    ]
