"""What the actors of a history share."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_scheduler.rules import LeaseRules
from psycopg.rows import dict_row
from sqlalchemy import Engine

from tests.integration.fifo import FifoModel
from tests.simulation.cloud import Cloud
from tests.simulation.simulated_database import SimulatedDatabase

# Production's times; only the pauses between retries are shorter, or most of a history would be waiting.
RULES = LeaseRules(lease=300, trust=180, kill=30, quarantine=60, backoff_unit=5, creates=2, verification_pauses=(900,))


@dataclass(slots=True)
class World:
    """One history's world. In the calm at its end nothing goes wrong any more."""

    database: SimulatedDatabase
    chance: random.Random
    cloud: Cloud
    queues: Mapping[Pool, FifoModel]
    dead_letters: FifoModel
    rules: LeaseRules = RULES
    names: dict[str, str] = field(default_factory=dict)  # cluster -> name
    calm: bool = False
    trace: list[str] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        """For the product's functions."""
        return self.database.engine

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.database.seconds

    def happens(self, probability: float) -> bool:
        """Whether something bad happens now."""
        return not self.calm and self.chance.random() < probability

    def move(self, seconds: float) -> None:
        """Lets time pass for everybody."""
        self.database.move(seconds)
        self.cloud.tick(self.now)

    def rows(self, statement: str, *parameters: Any) -> Sequence[dict[str, Any]]:
        """Looks into the database from outside."""
        with self.database.cleaner.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement, parameters).fetchall()
