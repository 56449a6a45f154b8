"""No statement reads a table of history from end to end, and a page reads what it shows, also where nothing matches."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy
from ocpctl_common import store
from ocpctl_common.store.engine import make_engine
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import Postgres
from sqlalchemy import TextClause

from tests.conftest import TEMPLATE, Database
from tests.history import changes
from tests.history.fill import Size, fill
from tests.history.plans import HISTORY, Statement, captured, plan
from tests.history.questions import COUNTS, REPORTS, SWEEPS, pages
from tests.integration.protocol import Protocol

SIZE = Size(clusters=8000, living=200)
PAGES = pages(f"{SIZE.clusters // 2:026d}")
QUESTIONS = {**PAGES, **SWEEPS, **COUNTS, **REPORTS}
BUFFERS = 1500  # of 8 kB; a page of 101 jobs of a kind and a team takes about 1,100
BUFFERS_OF_NOTHING = 50  # whatever has no rows to show
BUFFERS_OF_A_SWEEP = 10 * SIZE.living  # it may look at all that live
NAME = "history"
DIALECT = sqlalchemy.make_url("postgresql+psycopg://").get_dialect()()

Asked = dict[str, tuple[list[Statement], bool]]  # and whether there was anything to show


@pytest.fixture(scope="module")
def years(postgres_server: Postgres) -> Database:
    postgres.create_database(postgres_server, NAME, template=TEMPLATE)
    database = Database(postgres_server, NAME)
    fill(database.url("postgres"), SIZE)
    return database


@pytest.fixture(scope="module")
def connection(years: Database) -> Iterator["psycopg.Connection[Any]"]:
    with psycopg.connect(years.url("postgres"), autocommit=True) as made:
        made.execute("SET timezone = 'UTC'")
        made.execute("SET random_page_cost = 1.1")  # small tables are read as big ones would be
        yield made


@pytest.fixture(scope="module")
def changed(years: Database) -> list[Statement]:
    protocol = Protocol(years)
    with captured(protocol.engine) as statements:
        changes.play(protocol)
    return [one for one in statements.values() if not one.sql.startswith("SET ")]


@pytest.fixture(scope="module")
def asked(years: Database, changed: list[Statement]) -> Asked:  # also of clusters that are being made
    reader = make_engine(years.url("ocpctl_reader"), pool_size=2, application_name="reader")
    found: Asked = {}
    for name, ask in QUESTIONS.items():
        with captured(reader) as statements, reader.connect() as tx:
            something = ask(tx) != []
        found[name] = list(statements.values()), something
    return found


@pytest.mark.parametrize("name", [*PAGES, *SWEEPS])
def test_what_is_asked(asked: Asked, connection: "psycopg.Connection[Any]", name: str) -> None:
    statements, something = asked[name]
    limit = BUFFERS_OF_A_SWEEP if name in SWEEPS else BUFFERS if something else BUFFERS_OF_NOTHING
    for one in [plan(connection, statement) for statement in statements]:
        assert not one.sequential, one
        assert one.buffers <= limit, one


def test_what_the_scheduler_does(changed: list[Statement], connection: "psycopg.Connection[Any]") -> None:
    plans = [plan(connection, statement) for statement in changed]
    assert "\n\n".join(f"{one.sql}\n{one.nodes}" for one in plans if one.sequential) == ""


def test_no_statement_was_overlooked(asked: Asked, changed: list[Statement]) -> None:
    seen = {_words(one.sql) for one in [*changed, *(one for found, _ in asked.values() for one in found)]}
    names = {name for name, sql in _statements() if sql not in seen and set(sql.split()) & HISTORY}
    assert names == set()


def _statements() -> Iterator[tuple[str, str]]:
    """All that the store's modules have as constants, as the driver gets them."""
    for module in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        for name, found in vars(importlib.import_module(module.name)).items():
            for one in found.values() if isinstance(found, dict) else [found]:
                if isinstance(one, TextClause):
                    yield f"{module.name}.{name}", _words(str(one.compile(dialect=DIALECT)))


def _words(sql: str) -> str:
    return " ".join(sql.split())
