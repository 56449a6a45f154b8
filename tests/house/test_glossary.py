"""One word a thing: docs/glossary.md against the names in the source."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ocpctl_local.settings import ROOT

from tests.house.source_words import log_words, metric_words, names, quoted_events, quoted_words, sql_names, values

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
SOURCES = sorted(
    path for pattern in ("libs/common/src/ocpctl_common", "services/*/src", "deploy/*/src", "clients/*/src")
    for folder in ROOT.glob(pattern) for path in folder.rglob("*.py")
)  # fmt: skip
MIGRATIONS = sorted((ROOT / "migrations" / "src" / "ocpctl_migrations" / "versions").glob("0*.py"))
LAST_SHIPPED = "0011_destinations.py"  # what is in the database has its names
DOCUMENTS = sorted(
    path for pattern in ("docs/**/*.md", "README.md", "CONTRIBUTING.md", "tests/README.md")
    for path in ROOT.glob(pattern) if path.name != "glossary.md"
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
    have = f"_{'_'.join(part for one in re.split(r'[^A-Za-z0-9_]+', name) if one not in KEPT for part in words(one))}_"
    return [word for word in BANNED if f"_{'_'.join(words(word))}_" in have]


Reader = Callable[[ast.AST], Iterator[str]]


def wrong(found: Iterable[str]) -> set[str]:
    """What to write instead."""
    return {f"{name}: {word} -> {BANNED[word]}" for name in found for word in banned_in(name)}


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
def test_the_source_uses_the_words_of_the_glossary(path: Path) -> None:
    tree = ast.parse(path.read_text())
    found = (word for reader in (names, values, log_words, metric_words) for word in reader(tree))
    assert wrong([path.stem, *found]) == set(), "use the word of docs/glossary.md"


@pytest.mark.parametrize(("reader", "minimum"), [(log_words, 1000), (metric_words, 30), (values, 1000)])
def test_words_are_read(reader: Reader, minimum: int) -> None:
    assert len([word for path in SOURCES for word in reader(ast.parse(path.read_text()))]) > minimum


@pytest.mark.parametrize("path", PROTOS, ids=lambda path: path.name)
def test_internal_messages_use_the_words_of_the_glossary(path: Path) -> None:
    text = re.sub(r"//.*", "", path.read_text())
    assert wrong(re.findall(r"\w+", text)) == set(), "use the word of docs/glossary.md"


def test_new_columns_use_the_words_of_the_glossary() -> None:
    new = [path for path in MIGRATIONS if path.name > LAST_SHIPPED]
    found = {word for path in new for word in wrong(sql_names(ast.parse(path.read_text())))}
    assert found == set(), "use the word of docs/glossary.md"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_quote_the_words_of_the_glossary(path: Path) -> None:
    assert wrong(quoted_words(path.read_text())) == set(), "use the word of docs/glossary.md"


def test_documents_quote_events_that_are_logged() -> None:
    logged = {word for path in SOURCES for word in log_words(ast.parse(path.read_text()))}
    quoted = {event for path in DOCUMENTS for event in quoted_events(path.read_text())}
    assert len(quoted) > 5
    assert quoted - logged == set()


@pytest.mark.parametrize(
    ("name", "word"),
    [("_dirty", "dirty"), ("MostBytes", "most"), ("ring_again", "ring"), ("shown_logs", "shown_log"), ("almost", None)],
)
def test_a_banned_word_is_seen_in_every_shape(name: str, word: str | None) -> None:
    assert banned_in(name) == ([word] if word else [])


@pytest.mark.parametrize(
    ("reader", "source", "word"),
    [
        (names, "async def ring(): ...", "ring"),
        (names, "import outbox as doorbell", "doorbell"),
        (names, "from outbox import relay as ring", "ring"),
        (values, "refuse(reason='DIRTY_ATTEMPT')", "dirty"),
        (values, "FULL = 'BUDGET'", "budget"),
        (values, "task = 'silent-rings'", "ring"),
        (values, "class Wait(StrEnum):\n    FULL = 'budget'", "budget"),
        (values, "text = 'Most of them ring.'", None),
        (log_words, "log.info(f'{number} doorbells')", "doorbell"),
        (log_words, "log.info('ended' if done else 'given to the guard')", "guard"),
        (log_words, "event = 'no ring'\nlog.info(event)", "ring"),
        (log_words, "keys = {'wish': 1}\nlog.info('granted', **keys)", "wish"),
        (log_words, "keys = dict(wish=1)\nlog.info('granted', **keys)", "wish"),
        (log_words, "raise Refused('no ring')", None),
        (metric_words, "rings = Counter('ocpctl_rings', 'Told')", "ring"),
        (metric_words, "full = Counter('ocpctl_full', 'Told', ['budget'])", "budget"),
        (metric_words, "full.labels(reason='budget').inc()", "budget"),
        (metric_words, "full.labels(reason='limit').inc()", None),
        (sql_names, "up('ALTER TABLE jobs ADD rung_at timestamptz -- told')", "rung"),
        (sql_names, "up('SELECT silent_rings FROM jobs')", None),
    ],
)
def test_a_banned_word_is_seen_in_every_place(reader: Reader, source: str, word: str | None) -> None:
    assert {banned for found in reader(ast.parse(source)) for banned in banned_in(found)} == ({word} - {None})


def test_a_banned_word_is_seen_in_a_document() -> None:
    assert wrong(quoted_words("The log says `no ring`.")) == {"no ring: ring -> dispatch", "ring: ring -> dispatch"}
    assert wrong(quoted_words("A ring; `SELECT silent_rings`;\n```\nring `ring`\n```")) == set()
