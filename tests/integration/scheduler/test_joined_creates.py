"""Several creates in one statement: the same rows as one by one, and nothing of what cannot be accepted."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from ocpctl_common.ids import new_cluster_id, new_job_id
from ocpctl_common.requests import RequestKey
from ocpctl_common.store import creates
from ocpctl_common.store.creates import NewCluster
from ocpctl_common.store.engine import transaction
from sqlalchemy.exc import IntegrityError

from tests import specs
from tests.conftest import Database
from tests.integration.protocol import Protocol

# What differs from create to create.
OWN = {"id", "cluster_id", "job_id", "key", "group_id", "body", "dedup_id", "target_cluster_id", "hash", "seq"}
TIMES = {"response", "created_at", "updated_at", "destroy_at", "run_after", "last_rung_at", "expires_at", "alive_until"}
TABLES = ("clusters", "jobs", "job_locks", "outbox", "audit_events", "idempotency_keys")


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def new(name: str, *, team: str = "t", key: str = "", keepalive: int | None = None) -> NewCluster:
    return NewCluster(
        request=RequestKey(principal="r", rpc="CreateCluster", key=key or name, request_hash=b"\x00\xff" * 16),
        cluster_id=new_cluster_id(),
        job_id=new_job_id(),
        spec=specs.spec(name, team),
        correlation_id="c'\\",
        traceparent="",
        keepalive_seconds=keepalive,
    )


def insert(protocol: Protocol, *asked: NewCluster, limit: int = 0) -> frozenset[int]:
    with transaction(protocol.engine) as tx:
        return creates.insert_clusters(tx, asked, creates_per_hour=limit)


def rows(protocol: Protocol, table: str, ids: Sequence[str]) -> list[dict[str, object]]:
    """Of each cluster, without what is its own."""
    column = {"clusters": "id", "audit_events": "target_cluster_id", "idempotency_keys": "response->>'clusterId'"}
    column |= {"outbox": "substr(group_id, 9)"}
    found: list[dict[str, object]] = []
    for one in ids:
        [(row,)] = protocol.sql(f"SELECT to_jsonb(x) FROM {table} x WHERE {column.get(table, 'cluster_id')} = %s", one)
        text = {name: value for name, value in row.items() if name not in OWN | TIMES}
        found.append(text)
    return found


@pytest.mark.parametrize("table", TABLES)
def test_they_are_as_if_each_had_been_alone(protocol: Protocol, table: str) -> None:
    alone, first, second = new("one", keepalive=60), new("one", keepalive=60), new("two")
    with transaction(protocol.engine) as tx:
        assert creates.insert_cluster(tx, alone, creates_per_hour=0).accepted
    expected = rows(protocol, table, [alone.cluster_id])
    protocol.sql("DELETE FROM idempotency_keys")
    protocol.sql("UPDATE clusters SET name_released_at = now(), resources_remaining = false")
    assert insert(protocol, first, second) == {0, 1}
    [together, other] = rows(protocol, table, [first.cluster_id, second.cluster_id])
    assert [together] == expected
    assert other.keys() == together.keys()


def test_the_audit_of_each_is_a_chain(protocol: Protocol) -> None:
    insert(protocol, *(new(f"c{number}") for number in range(16)))
    assert protocol.sql("SELECT count(*) FROM audit_events") == [(16,)]
    assert protocol.sql("SELECT * FROM audit_breaks") == []


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 9])
def test_a_team_gets_no_more_than_its_hour_has_left(protocol: Protocol, limit: int) -> None:
    insert(protocol, new("before"))
    asked = [new(f"t{number}") for number in range(5)] + [new("other", team="u")]
    stored = insert(protocol, *asked, limit=limit)
    left = 5 if limit == 0 else min(5, limit - 1)
    assert stored == {*range(left), 5}
    assert protocol.sql("SELECT count(*) FROM clusters") == [(1 + left + 1,)]


def test_a_key_that_is_known_is_left_out(protocol: Protocol) -> None:
    insert(protocol, new("one", key="k"))
    assert insert(protocol, new("two"), new("three", key="k"), new("four")) == {0, 2}
    assert protocol.sql("SELECT count(*) FROM clusters WHERE name = 'three'") == [(0,)]


@pytest.mark.parametrize("names", [("one", "two", "one"), ("taken", "free")])
def test_one_name_that_is_taken_stores_nothing(protocol: Protocol, names: Sequence[str]) -> None:
    insert(protocol, new("taken", key="before"))
    with pytest.raises(IntegrityError):
        insert(protocol, *(new(name, key=f"k{number}") for number, name in enumerate(names)))
    assert protocol.sql("SELECT count(*) FROM clusters") == [(1,)]


def test_many_at_once_each_have_their_own_answer(protocol: Protocol) -> None:
    """Some names come twice, some requests are repeated: as many clusters as names, an answer for each."""

    def create(number: int) -> str:
        name = f"n{number % 20}"
        try:
            return protocol.create(name, key=f"{name}-{number % 40 // 20}").cluster_id
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return type(error).__name__

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(create, range(120)))
    made = {row[0]: row[1] for row in protocol.sql("SELECT id, name FROM clusters")}
    assert len(made) == 20
    assert set(answers) == set(made) | {"NameTaken"}
    assert answers.count("NameTaken") == 60
    assert protocol.sql("SELECT count(*) FROM jobs") == protocol.sql("SELECT count(*) FROM outbox") == [(20,)]
