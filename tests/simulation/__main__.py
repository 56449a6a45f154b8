"""`python -m tests.simulation [--histories N] [--seed N] [--no-watchdog]`: thousands of random histories, or one."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ocpctl_local.database import postgres
from ocpctl_local.database.data_folder import remove_data
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import stop

from tests.run_folder import run_folder
from tests.simulation import simulated_database
from tests.simulation.cloud import Violated
from tests.simulation.history import play
from tests.simulation.parallel import play_many

SHOW_EVERY = 500


def many(server: Postgres, arguments: argparse.Namespace) -> int:
    """Number of violations; shows progress, and of each violation the seed and how it came."""
    wrong = 0
    for progress in play_many(server.login, arguments.first, arguments.histories, watchdog=not arguments.no_watchdog):
        for violation in progress.violations:
            print(violation, flush=True)
        wrong += len(progress.violations)
        if progress.played % SHOW_EVERY == 0 or progress.played == arguments.histories:
            print(f"{progress.played} histories, {wrong} violations, {progress.seconds:.0f} s", flush=True)
    return wrong


def one(server: Postgres, arguments: argparse.Namespace) -> int:
    """Plays a seed again, and prints what happened."""
    try:
        world = play(
            simulated_database.create(server.login, "simulation"), arguments.seed, watchdog=not arguments.no_watchdog
        )
    except Violated as violation:
        print(violation)
        return 1
    print("\n".join(world.trace))
    return 0


@contextmanager
def own_server() -> Iterator[Postgres]:
    """A PostgreSQL for the length of the block."""
    with run_folder() as folder:
        server = postgres.start(folder / "data", folder / "log", free_ports(1)[0])
        try:
            postgres.create_roles(server)
            yield server
        finally:
            stop(server.process, signal.SIGINT, 10)
            remove_data(folder / "data")


def main() -> None:
    """Ends with 1 if an invariant was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000, help="how many (default 10000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="play this one history and print it")
    parser.add_argument("--no-watchdog", action="store_true", help="the control: installers that outlive their runners")
    arguments = parser.parse_args()
    with own_server() as server:
        sys.exit(bool((many if arguments.seed is None else one)(server, arguments)))


if __name__ == "__main__":
    main()
