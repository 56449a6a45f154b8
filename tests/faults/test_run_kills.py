"""`ocpctl run` that loses its life, its parent or its network leaves nothing; `make kill-runs` does it 100 times."""

from pathlib import Path

import pytest
from ocpctl_local.stack import running_stack

from tests.faults.run_kills import Hurt, plan, play, settings

LIVES = 10


def test_the_plan_has_every_way_and_follows_from_its_seed() -> None:
    lives = plan(3, 2 * len(Hurt))
    assert sorted(life.hurt for life in lives) == sorted([*Hurt, *Hurt])
    assert [(life.name, life.hurt, life.after) for life in lives] == [
        (life.name, life.hurt, life.after) for life in plan(3, 2 * len(Hurt))
    ]
    assert len({life.name for life in lives}) == len(lives)


@pytest.mark.timeout(900)
def test_nothing_is_left_and_the_exit_code_comes_out(tmp_path: Path) -> None:
    lives = plan(1, LIVES)
    with running_stack(settings(tmp_path / "stack")) as stack:
        play(stack, lives, at_once=5, folder=tmp_path, show=print)
    assert [wrong for life in lives for wrong in life.wrong] == []
