"""A span of time of the audit is found by numbers, which are drawn some seconds before or after their time."""

import itertools
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.queries import audit
from ocpctl_common.store.queries.audit import AuditFilter

from tests.conftest import Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Minutes after noon, by number: writers that waited for a lock, gaps of hours, and several at the same time.
MINUTES = (-600, -9, -12, -1, 0, -4, 0, 3, 1, 2, 200, 196, 201, 201, 1000, 992, 1001)
EDGES = (-700, -600, -11, -1, 0, 0.5, 2, 3, 5, 199, 201, 202, 999, 1002)


@pytest.fixture(scope="module")
def times() -> list[datetime]:
    return [NOON + timedelta(minutes=minutes) for minutes in MINUTES]


@pytest.fixture
def events(database: Database, times: list[datetime]) -> Database:
    with psycopg.connect(database.url("postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for number, time in enumerate(times):
            connection.execute(
                """INSERT INTO audit_events (seq, id, actor, action, outcome, created_at, previous_hash, hash)
                   OVERRIDING SYSTEM VALUE VALUES (%s, %s, 'a', 'b', 'ALLOWED', %s, '', '')""",
                [10 * number + 1, f"aud_{number}", time],
            )
    return database


def test_every_span_has_exactly_its_events(events: Database, times: list[datetime]) -> None:
    reader = make_engine(events.url("ocpctl_reader"), pool_size=1, application_name="audit")
    edges = [None, *(NOON + timedelta(minutes=edge) for edge in EDGES)]
    with reader.connect() as tx:
        for begin, end in itertools.product(edges, edges):
            expected = [
                10 * number + 1
                for number, time in enumerate(times)
                if (begin is None or time >= begin) and (end is None or time < end)
            ]
            found = audit.newest(tx, AuditFilter(begin=begin, end=end), before=0, limit=100)
            assert [event.seq for event in reversed(found)] == expected, (begin, end)
