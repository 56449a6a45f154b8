"""One word a thing: docs/glossary.md against the names in the source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ocpctl_local.settings import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
SOURCES = sorted(
    path for pattern in ("libs/common/src/ocpctl_common", "services/*/src", "deploy/*/src", "clients/*/src")
    for folder in ROOT.glob(pattern) for path in folder.rglob("*.py")
)  # fmt: skip
PROTOS = sorted((ROOT / "protos" / "ocpctl" / "internal").rglob("*.proto"))


@dataclass(frozen=True)
class Row:
    """One term of the glossary."""

    term: str
    room: str
    banned: tuple[str, ...]


def rows() -> Iterator[Row]:
    for line in GLOSSARY.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] not in ("Term", "---"):
            yield Row(cells[0], cells[2].strip("`"), tuple(filter(None, re.split(r",\s*", cells[3]))))


ROWS = list(rows())
BANNED = {word: row.term for row in ROWS for word in row.banned}
KEPT = {name for line in GLOSSARY.splitlines() if re.match(r"\| `", line) for name in re.findall(r"`(\w+)`", line)}


def words(name: str) -> list[str]:
    """`DirtyAttempts` and `dirty_attempts` are dirty and attempt."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return [part.lower().removesuffix("s") for part in parts]


def banned_in(name: str) -> list[str]:
    """The words of the glossary's last column that a name has, also those of two words."""
    have = f"_{'_'.join(words(name))}_"
    return [word for word in BANNED if f"_{'_'.join(words(word))}_" in have] if name not in KEPT else []


def names(path: Path) -> Iterator[str]:
    """What a module defines: itself, functions, classes, arguments, variables, fields."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


LEVELS = {"debug", "info", "warning", "error", "exception"}


def events(path: Path) -> Iterator[str]:
    """What a module logs, and the keys beside it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def plain(text: str) -> str:
    return " ".join(text.lower().replace("-", " ").split())


def room_of(row: Row) -> Path | None:
    return next((path for path in SOURCES if str(path).endswith(f"/src/{row.room}")), None)


@pytest.mark.parametrize("row", [row for row in ROWS if row.room], ids=lambda row: row.term)
def test_a_search_for_a_term_finds_its_room(row: Row) -> None:
    room = room_of(row)
    assert room, f"{row.room} does not exist"
    said = ast.get_docstring(ast.parse(room.read_text())) or ""
    assert plain(row.term) in plain(said), f"the docstring of {row.room} does not say {row.term!r}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_names_use_the_words_of_the_glossary(path: Path) -> None:
    wrong = {f"{name}: {word} -> {BANNED[word]}" for name in names(path) for word in banned_in(name)}
    assert wrong == set(), "use the word of docs/glossary.md"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_log_events_use_the_words_of_the_glossary(path: Path) -> None:
    wrong = {f"{event}: {word} -> {BANNED[word]}" for event in events(path) for word in banned_in(event)}
    assert wrong == set(), "use the word of docs/glossary.md"


def test_log_events_are_read() -> None:
    assert len([event for path in SOURCES for event in events(path)]) > 100


@pytest.mark.parametrize("path", PROTOS, ids=lambda path: path.name)
def test_internal_messages_use_the_words_of_the_glossary(path: Path) -> None:
    text = re.sub(r"//.*", "", path.read_text())
    wrong = {f"{name}: {word} -> {BANNED[word]}" for name in re.findall(r"\w+", text) for word in banned_in(name)}
    assert wrong == set(), "use the word of docs/glossary.md"


@pytest.mark.parametrize(
    ("name", "word"),
    [("_dirty", "dirty"), ("MostBytes", "most"), ("ring_again", "ring"), ("shown_logs", "shown_log"), ("almost", None)],
)
def test_a_banned_word_is_seen_in_every_shape(name: str, word: str | None) -> None:
    assert banned_in(name) == ([word] if word else [])
