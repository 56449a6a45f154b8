"""A clock that is wrong is told once, when a service starts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from ocpctl_common.clock import utc_now
from ocpctl_common.store import clocks
from ocpctl_common.store.engine import Database as Engine
from ocpctl_common.store.engine import make_engine

from tests.conftest import Database


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    made = make_engine(database.url("ocpctl_reader"), pool_size=1, application_name="clocks")
    yield made
    made.dispose()


def told(engine: Engine, seconds: float) -> list[float]:
    with structlog.testing.capture_logs() as logged:
        clocks.compare(engine, lambda: utc_now() + timedelta(seconds=seconds))
    return [one["ahead_of_database_seconds"] for one in logged if one["log_level"] == "error"]


@pytest.mark.parametrize("seconds", [-3600.0, -60.0, 60.0, 3600.0])
def test_a_wrong_clock(engine: Engine, seconds: float) -> None:
    [ahead] = told(engine, seconds)
    assert ahead == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize("seconds", [-2.0, 0.0, 2.0])
def test_a_clock_that_is_right_enough(engine: Engine, seconds: float) -> None:
    assert told(engine, seconds) == []


def test_a_database_that_is_away_tells_nothing_of_clocks() -> None:
    away = make_engine("postgresql://ocpctl_reader@127.0.0.1:1/none", pool_size=1, application_name="clocks")
    assert told(away, 3600) == []
