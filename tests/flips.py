"""`python -m tests.flips`: flips the operators of the pure decisions, one at a time; the unit tests must notice each.

A flip lives in a forked process alone, which imports it in place of the file: nothing is written. What is flipped is in
`tests/operators.py`, where and with which tests in `tests/rooms.py`. Flips that nobody could notice are listed with the
reason in `flips_explained.yaml`; one that stands there and was noticed, or is not made any more, is an error too.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

import pytest
import yaml

from tests.operators import Flip, flips_of
from tests.rooms import ROOMS, ROOT, Room
from tests.run_folder import run_folder

Job = tuple[Room, Flip | None]  # None: the tests as they are
RED = (1, 2, -signal.SIGALRM)  # a test failed, the flip kept pytest from collecting them, or it made a loop endless
SECONDS = 60
EXPLAINED = Path(__file__).with_name("flips_explained.yaml")
WORDS = "-qx --tb=no --confcutdir=tests/unit -p no:cacheprovider -p pytest_timeout -o timeout=0"
# What costs time to import and is not ours: it is the same for every flip.
FOREIGN = ("cryptography.hazmat.primitives.serialization", "pydantic_settings", "pytest_timeout", "sqlalchemy")


def run_tests(room: Room, flip: Flip | None) -> NoReturn:
    """In a process of its own: ends it with pytest's exit code."""
    signal.alarm(SECONDS)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    if flip:
        _import_instead(str(room.path), flip.code)
    os._exit(pytest.main([*WORDS.split(), *(f"tests/unit/{name}.py" for name in room.tests)]))


def _import_instead(path: str, code: CodeType) -> None:
    of_file = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        return code if self.path == path else of_file(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


def ended(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Room, Flip | None, int]]:
    """Each with the exit code of its tests (below 0: the signal that ended them), as they end."""
    running: dict[int, Job] = {}
    waiting = list(reversed(jobs))
    while waiting or running:
        while waiting and len(running) < processes:
            job = waiting.pop()
            if (pid := os.fork()) == 0:
                run_tests(*job)
            running[pid] = job
        pid, status = os.wait()
        yield (*running.pop(pid), os.waitstatus_to_exitcode(status))


def check_green(rooms: Sequence[Room], processes: int) -> None:
    """The tests must be green without any flip."""
    red = [room.path.name for room, _, code in ended([(room, None) for room in rooms], processes) if code != 0]
    if red:
        raise SystemExit(f"the tests of these are not green without a flip: {', '.join(sorted(red))}")


def survivors(rooms: Sequence[Room], processes: int) -> list[tuple[Room, Flip]]:
    """The flips that no test has noticed; prints the counts."""
    alive, made, noticed = list[tuple[Room, Flip]](), Counter[str](), Counter[str]()
    jobs: list[Job] = [(room, flip) for room in rooms for flip in flips_of(room.path, room.functions)]
    for room, flip, code in ended(jobs, processes):
        made[room.name] += 1
        noticed[room.name] += code in RED
        if flip and code == 0:
            alive.append((room, flip))
        elif code not in RED:
            raise SystemExit(f"pytest ended with {code}: {room.path} {flip}")
    for name, count in made.items():
        print(f"{name:<12} {noticed[name]} of {count} flips were noticed")
    return alive


def key(room: Room, flip: Flip) -> tuple[str, str]:
    """What a flip is explained by: no number of a line, which would change."""
    return f"{room.path.stem}.{flip.where}", flip.becomes


def explained(rooms: Sequence[Room]) -> set[tuple[str, str]]:
    """The flips of the rooms that may survive; each must have a reason."""
    rows: list[dict[str, Any]] = yaml.safe_load(EXPLAINED.read_text())
    files = {room.path.stem for room in rooms}
    return {(row["in"], row["becomes"]) for row in rows if row["in"].split(".")[0] in files and row["why"]}


def complaints(alive: Sequence[tuple[Room, Flip]], reasons: set[tuple[str, str]]) -> Iterator[str]:
    """What survives without a reason, and the reasons that nothing needs."""
    for room, flip in alive:
        if key(room, flip) not in reasons:
            yield f"SURVIVED {room.path.relative_to(ROOT)}:{flip.line} {flip.where}\n    {flip.becomes}"
    for where, becomes in sorted(reasons - {key(*one) for one in alive}):
        yield f"EXPLAINED, and noticed or not made: {where}\n    {becomes}"


def main() -> None:
    """Ends with 1 if a flip survives without a reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.flips", description=__doc__)
    parser.add_argument("--only", default="", help="files whose path holds this")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    words = parser.parse_args()
    rooms = [room for room in ROOMS if words.only in str(room.path)]
    if not rooms:
        parser.error(f"no path of tests/rooms.py holds {words.only}")
    began = time.monotonic()
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they would cost more than the tests
    for name in FOREIGN:
        __import__(name)
    with run_folder():
        check_green(rooms, words.processes)
        alive = survivors(rooms, words.processes)
    wrong = list(complaints(alive, explained(rooms)))
    print("\n".join([*wrong, f"{len(alive)} survived, {len(wrong)} complaints ({time.monotonic() - began:.0f} s)"]))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
