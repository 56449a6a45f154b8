"""A few hundred histories in the ordinary tests (`make simulate`: ten thousand), replay, and the control."""

import pytest
from ocpctl_local.postgres import Postgres

from tests.simulation import clockwork
from tests.simulation.clockwork import SimulatedDatabase
from tests.simulation.cloud import Violated
from tests.simulation.history import play
from tests.simulation.many import play_many


@pytest.fixture(scope="module")
def simulated(postgres_server: Postgres) -> SimulatedDatabase:
    return clockwork.create(postgres_server.login, "simulation_test")


def test_histories_hold(postgres_server: Postgres) -> None:
    violations = [
        violation for progress in play_many(postgres_server.login, 0, 250) for violation in progress.violations
    ]
    assert violations == []


def test_a_seed_plays_the_same_history_again(simulated: SimulatedDatabase) -> None:
    assert play(simulated, 7).trace == play(simulated, 7).trace
    rows = "SELECT * FROM audit_events ORDER BY seq"
    play(simulated, 7)
    first = [row[1:] for row in simulated.cleaner.execute(rows).fetchall()]  # without the counter
    play(simulated, 7)
    assert [row[1:] for row in simulated.cleaner.execute(rows).fetchall()] == first


def test_without_the_guard_installers_overlap(simulated: SimulatedDatabase) -> None:
    """The control: a fence alone is not enough, a cloud cannot check it."""
    assert any(overlaps(simulated, seed) for seed in range(60))


def overlaps(simulated: SimulatedDatabase, seed: int) -> bool:
    """Whether two installers of one cluster live at once in a history without guards."""
    try:
        play(simulated, seed, guard=False)
    except Violated as violation:
        return "began while" in str(violation)
    return False
