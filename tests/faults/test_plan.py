"""A soak's plan follows from its seed, and holds every kill point as often as it says."""

from collections import Counter

from ocpctl_common.failpoints import Failpoint

from tests.faults.plan import Kind, plan

RUNNERS = ("installer-runner-1", "installer-runner-2")


def test_the_same_seed_gives_the_same_plan() -> None:
    assert plan(7, 100, 3, RUNNERS) == plan(7, 100, 3, RUNNERS)
    digests = {plan(seed, 100, 3, RUNNERS).digest() for seed in range(20)}
    assert len(digests) == 20


def test_every_kill_point_comes_as_often_as_it_is_said_and_within_the_lives() -> None:
    made = plan(1, 100, 3, RUNNERS)
    points = Counter(fault.detail for fault in made.faults if fault.kind is Kind.KILL_POINT)
    assert points == dict.fromkeys(Failpoint, 3)
    begins = [fault.at for fault in made.faults]
    assert begins == sorted(begins)
    assert begins[0] >= 1
    assert begins[-1] <= 95
