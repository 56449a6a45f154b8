"""A flip that survives needs a reason, and a reason needs a flip that survives."""

import subprocess
import sys

import pytest

from tests.flips import complaints
from tests.operators import Flip
from tests.rooms import ROOMS, ROOT, Room

ROOM = Room(name="a", path=ROOT / "libs/a.py", tests=())
FLIP = Flip("f", 7, "return 2", compile("", "a.py", "exec"))
KEY, OTHER = ("a.f", "return 2"), ("a.g", "return 3")
SURVIVED = "SURVIVED libs/a.py:7 f\n    return 2"
STALE = "EXPLAINED, and noticed or not made: a.g\n    return 3"


@pytest.mark.parametrize(
    ("survives", "reasons", "expected"),
    [
        (False, set(), []),
        (True, {KEY}, []),
        (True, set(), [SURVIVED]),
        (True, {OTHER}, [SURVIVED, STALE]),
        (False, {OTHER}, [STALE]),
        (True, {KEY, OTHER}, [STALE]),
    ],
)
def test_what_is_complained_of(survives: bool, reasons: set[tuple[str, str]], expected: list[str]) -> None:
    assert list(complaints([(ROOM, FLIP)] if survives else [], reasons)) == expected


def test_nothing_that_is_flipped_is_imported_before() -> None:
    """A process that has imported a file cannot import a flip of it instead: the tests would notice no flip."""
    program = "import sys, tests.flips; print(*(getattr(module, '__file__', '') for module in sys.modules.values()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert {str(room.path) for room in ROOMS} & set(done.stdout.split()) == set()
