"""Two hundred histories in the ordinary tests (`make simulate`: ten thousand), replay, and the control."""

import pytest
from ocpctl_local.database.postgres import Postgres

from tests.simulation import simulated_database
from tests.simulation.cloud import Violated
from tests.simulation.history import play
from tests.simulation.parallel import play_many
from tests.simulation.simulated_database import SimulatedDatabase


@pytest.fixture(scope="module")
def simulated(postgres_server: Postgres) -> SimulatedDatabase:
    return simulated_database.create(postgres_server.login, "simulation_test")


@pytest.mark.timeout(600)  # two hundred histories, beside other tests
def test_histories_hold(postgres_server: Postgres) -> None:
    violations = [
        violation for progress in play_many(postgres_server.login, 0, 200) for violation in progress.violations
    ]
    assert violations == []


def test_a_seed_plays_the_same_history_again(simulated: SimulatedDatabase) -> None:
    assert play(simulated, 7).trace == play(simulated, 7).trace
    rows = "SELECT * FROM audit_events ORDER BY seq"
    play(simulated, 7)
    first = [row[1:] for row in simulated.cleaner.execute(rows).fetchall()]  # without the counter
    play(simulated, 7)
    assert [row[1:] for row in simulated.cleaner.execute(rows).fetchall()] == first


def test_what_is_taken_for_ones_own_by_name_touches_others(simulated: SimulatedDatabase) -> None:
    """The control: names are used again, by a later attempt and by a later cluster."""
    assert any(violates(simulated, seed, "touches the records of", by_name=True) for seed in range(60))


def test_without_the_watchdog_installers_overlap(simulated: SimulatedDatabase) -> None:
    """The control: a fence alone is not enough, a cloud cannot check it."""
    assert any(violates(simulated, seed, "began while", watchdog=False) for seed in range(60))


def violates(
    simulated: SimulatedDatabase, seed: int, words: str, *, watchdog: bool = True, by_name: bool = False
) -> bool:
    """Whether a history without a safeguard goes wrong in the way that is told with these words."""
    try:
        play(simulated, seed, watchdog=watchdog, by_name=by_name)
    except Violated as violation:
        return words in str(violation)
    return False
