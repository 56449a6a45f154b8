"""The benchmark's yardstick runs the scheduler's own SQL: both scripts of pgbench work on today's schema."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import specs
from tests.bench import pgbench
from tests.conftest import Database


@pytest.mark.parametrize("script", [pgbench.one_statement, pgbench.seven_statements])
def test_pgbench_creates_what_the_scheduler_creates(
    database: Database, tmp_path: Path, script: Callable[[str], str]
) -> None:
    spec = specs.spec("bench", "team-a").to_json()
    assert pgbench.rate(database.url(), script(spec), tmp_path, seconds=1, connections=1) > 0
