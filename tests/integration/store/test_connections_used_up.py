"""PostgreSQL lets nobody in any more: callers are told to try again, the log says why, and nothing is lost or doubled.

The limit is that of the test's own database. PostgreSQL refuses with the same SQLSTATE as at `max_connections`.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from ocpctl_common.errors import Unavailable
from structlog.testing import capture_logs

from tests.conftest import Database
from tests.integration.protocol import Protocol
from tests.waiting import wait_for

CONNECTIONS, CREATES = 3, 12


def accepted(protocol: Protocol, name: str, key: str) -> str | None:
    """The cluster's id; None: try again."""
    try:
        return str(protocol.create(name, key).cluster_id)
    except Unavailable:
        return None


def test_at_the_limit_creates_are_refused_for_now_and_done_once_when_they_are_repeated(database: Database) -> None:
    with psycopg.connect(database.url("postgres"), autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {database.name} CONNECTION LIMIT {CONNECTIONS}")
    protocol = Protocol(database)
    others = [psycopg.connect(database.url("ocpctl_reader")) for _ in range(CONNECTIONS)]
    keys = {f"c{number}": str(uuid.uuid4()) for number in range(CREATES)}
    with capture_logs() as logged, pytest.raises(Unavailable, match="does not answer or is busy; try again"):
        protocol.create("c0", keys["c0"])
    reasons = [line["reason"] for line in logged if line["event"] == "no database connection"]
    assert "too many connections" in reasons[0]
    for connection in others:
        connection.close()

    def insist(name: str) -> str:
        return str(wait_for(lambda: accepted(protocol, name, keys[name]), what=f"the create of {name}"))

    with ThreadPoolExecutor(CREATES) as threads:
        ids = list(threads.map(insist, keys))
    assert len(set(ids)) == CREATES
    assert [insist(name) for name in keys] == ids, "each key has its one answer"
    statement = "SELECT (SELECT count(*) FROM clusters), (SELECT count(*) FROM jobs), (SELECT count(*) FROM outbox)"
    assert protocol.sql(statement)[0][:2] == (CREATES, CREATES)
