"""A soak's plan follows from its seed, and holds every kill point as often as it says."""

import threading
from collections import Counter

from ocpctl_common.failpoints import Failpoint

from tests.faults.plan import Kind, Names, Plan, plan

RUNNERS = ("installer-runner-1", "installer-runner-2", "installer-runner-3")
WITH_A_ROLE = RUNNERS[::2]


def test_the_same_seed_gives_the_same_plan() -> None:
    assert plan(7, 100, 3, RUNNERS, WITH_A_ROLE) == plan(7, 100, 3, RUNNERS, WITH_A_ROLE)
    digests = {plan(seed, 100, 3, RUNNERS, WITH_A_ROLE).digest() for seed in range(20)}
    assert len(digests) == 20


def test_names_are_used_again_one_life_after_the_other() -> None:
    made = plan(3, 200, 1, RUNNERS, WITH_A_ROLE)
    assert 20 <= len(made.again) <= 80
    assert all(older < number and older not in made.again for number, older in made.again.items())
    assert 0 < len(made.flaky) < 40
    assert not made.flaky.keys() & made.again.keys()


def test_a_name_is_held_by_one_life_at_a_time() -> None:
    made = Plan(seed=0, lives=7, faults=(), early=frozenset(), again={5: 0, 6: 0}, flaky={})
    names = Names(made)
    order: list[int] = []

    def live(number: int) -> None:
        with names.held(number):
            order.append(number)

    later = [threading.Thread(target=live, args=(number,)) for number in (6, 5)]
    with names.held(0):
        for thread in later:
            thread.start()
        order.append(0)
    for thread in later:
        thread.join()
    assert order == [0, 5, 6]


def test_every_kill_point_comes_as_often_as_it_is_said_and_within_the_lives() -> None:
    made = plan(1, 100, 3, RUNNERS, WITH_A_ROLE)
    points = Counter(fault.detail for fault in made.faults if fault.kind is Kind.KILL_POINT)
    assert points == dict.fromkeys(Failpoint, 3)
    begins = [fault.at for fault in made.faults]
    assert begins == sorted(begins)
    assert begins[0] >= 1
    assert begins[-1] <= 95


def test_only_a_runner_with_a_role_dies_of_making_credentials() -> None:
    made = plan(1, 100, 20, RUNNERS, WITH_A_ROLE)
    credentials = [fault for fault in made.faults if fault.detail.startswith("runner.credentials")]
    assert {target for fault in credentials for target in fault.targets} == set(WITH_A_ROLE)
    assert {target for fault in made.faults for target in fault.targets} > set(RUNNERS)
