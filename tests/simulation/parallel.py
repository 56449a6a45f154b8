"""Plays many histories in several processes."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial

from ocpctl_local.database.postgres import Login

from tests.simulation import simulated_database
from tests.simulation.cloud import Violated
from tests.simulation.history import play
from tests.simulation.simulated_database import SimulatedDatabase
from tests.waiting import slowness

CHUNK = 50
PROCESSES = 2
NICE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """After each chunk: how many were played, what was violated in the last chunk, seconds since the beginning."""

    played: int
    violations: tuple[str, ...]
    seconds: float


def play_many(login: Login, first: int, histories: int, *, watchdog: bool = True) -> Iterator[Progress]:
    """Plays the seeds from `first`; stopping the iteration stops the processes."""
    chunks = [range(begin, min(begin + CHUNK, first + histories)) for begin in range(first, first + histories, CHUNK)]
    began, played = time.monotonic(), 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context, initializer=_begin) as pool:
        for number, violations in enumerate(pool.map(partial(_play_chunk, login, watchdog), chunks)):
            played += len(chunks[number])
            yield Progress(played=played, violations=violations, seconds=time.monotonic() - began)


def _begin() -> None:
    """Ctrl-C is for the parent, which then stops us. Its clock is its own: what runs beside it goes first.

    But on a machine that others use, too, it would not get on at all.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if slowness() == 1:
        os.nice(NICE)


@lru_cache(maxsize=1)
def _database(login: Login) -> SimulatedDatabase:
    return simulated_database.create(login, f"simulation_{os.getpid()}")


def _play_chunk(login: Login, watchdog: bool, seeds: range) -> tuple[str, ...]:
    database = _database(login)
    database.vacuum()
    return tuple(filter(None, (_violation(database, seed, watchdog=watchdog) for seed in seeds)))


def _violation(database: SimulatedDatabase, seed: int, *, watchdog: bool) -> str:
    try:
        play(database, seed, watchdog=watchdog)
    except Violated as violation:
        return str(violation)
    return ""
