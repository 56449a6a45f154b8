"""What a flip makes of a line, and that every file of the pure rooms is flipped."""

import ast
from pathlib import Path

import pytest

from tests.operators import flips_of
from tests.rooms import ROOMS, ROOT, Room

FLIPS = {
    "a < b <= c": ["a <= b <= c", "a >= b <= c", "a < b < c", "a < b > c"],
    "a > b >= c": ["a >= b >= c", "a <= b >= c", "a > b > c", "a > b < c"],
    "a == b != c": ["a != b != c", "a == b == c"],
    "a is b is not c": ["a is not b is not c", "a is b is c"],
    "a in b not in c": ["a not in b not in c", "a in b in c"],
    "a + b": ["a - b"],
    "a - b": ["a + b"],
    "a * b": ["a // b"],
    "a // b": ["a * b"],
    "a % b": ["a * b"],
    "a ** b": ["a * b"],
    "a << b": ["a >> b"],
    "a | b": ["a & b"],
    "a and b": ["a or b"],
    "a or b": ["a and b"],
    "not a": ["not not a"],
    "-a": ["+a"],
    "max(a)": ["min(a)"],
    "any(a)": ["all(a)"],
    "b if a else c": ["b if not a else c"],
    "[a for a in b if a]": ["[a for a in b if not a]"],
    "7": ["6", "8"],
    "0.5": ["-0.5", "1.5"],
    "True": ["False"],
    "'[a-z]{1,40}'": ["'[a-z]{0,40}'", "'[a-z]{2,40}'", "'[a-z]{1,39}'", "'[a-z]{1,41}'"],
    "'a{0,}'": ["'a{1,}'"],
    "f'{a[:7]}'": ["f'{a[:6]}'", "f'{a[:8]}'"],
    "'7 < 8'": [],
    "f(a, b)": [],
}


@pytest.mark.parametrize("line", FLIPS)
def test_each_flip_of_a_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"x = {line}\n")
    assert [flip.becomes for flip in flips_of(path)] == [f"x = {becomes}" for becomes in FLIPS[line]]


SOURCE = '''"""In words: {1,2}."""

@dataclass(frozen=True)
class One(Base, a=1):
    """More words."""

    number: int | None = 1

    def first(self, other: "int | str" = 2) -> bool | None:
        if other:
            return self.number is None


def second() -> None:
    while x: pass
'''


def test_no_types_and_no_words_are_flipped(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(SOURCE)
    assert [(flip.where, flip.line, flip.becomes) for flip in flips_of(path)] == [
        ("One", 7, "number: int | None = 0"),
        ("One", 7, "number: int | None = 2"),
        ("One.first", 9, "def first(self, other: 'int | str'=1) -> bool | None:"),
        ("One.first", 9, "def first(self, other: 'int | str'=3) -> bool | None:"),
        ("One.first", 10, "if not other:"),
        ("One.first", 11, "return self.number is not None"),
        ("second", 15, "while not x:"),
    ]
    assert [flip.where for flip in flips_of(path, ["second"])] == ["second"]


@pytest.mark.parametrize("folder", ["lifecycle", "profiles"])
def test_every_file_is_flipped(folder: str) -> None:
    files = set((ROOT / "libs/common/src/ocpctl_common" / folder).glob("[!_]*.py"))
    assert files == {room.path for room in ROOMS if room.name == folder}


def test_a_files_name_says_which_it_is() -> None:
    """What is explained is found by it."""
    paths = {room.path for room in ROOMS}
    assert len(paths) == len({path.stem for path in paths})


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: f"{room.path.stem}-{room.tests[0]}")
def test_a_room_names_what_exists(room: Room) -> None:
    defined = {node.name for node in ast.walk(ast.parse(room.path.read_text())) if isinstance(node, ast.FunctionDef)}
    assert room.functions <= defined
    assert all((ROOT / f"tests/unit/{name}.py").exists() for name in room.tests)
