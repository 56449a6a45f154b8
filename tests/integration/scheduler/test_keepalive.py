"""Keepalive: a cluster that nobody says is wanted is destroyed, and no other is."""

from datetime import UTC, datetime, timedelta

import pytest
from ocpctl_common.errors import KeyReused, NotFound, WrongState

from tests.conftest import Database
from tests.integration.protocol import Protocol

SILENT = "UPDATE clusters SET alive_until = now() - interval '1 second' WHERE id = %s"
SOON = timedelta(seconds=20)


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def test_it_counts_from_the_acceptance_and_is_moved(protocol: Protocol) -> None:
    cluster_id = protocol.create(keepalive_seconds=600).cluster_id
    ((first, destroy_at),) = protocol.sql("SELECT alive_until, destroy_at FROM clusters WHERE id = %s", cluster_id)
    assert abs(first - datetime.now(tz=UTC) - timedelta(seconds=600)) < SOON
    protocol.sql(SILENT, cluster_id)
    answer = protocol.keep_alive(cluster_id)
    assert abs(datetime.fromisoformat(answer.alive_until) - datetime.now(tz=UTC) - timedelta(seconds=600)) < SOON
    assert datetime.fromisoformat(answer.destroy_at) == destroy_at
    assert protocol.expire(cluster_id).reason == "NOT_EXPIRED"


def test_when_it_ends_the_cluster_is_destroyed_and_the_audit_tells_why(protocol: Protocol) -> None:
    cluster_id = protocol.create(keepalive_seconds=30).cluster_id
    assert protocol.expire(cluster_id).reason == "NOT_EXPIRED"
    protocol.sql(SILENT, cluster_id)
    assert protocol.expire(cluster_id).reason == ""
    assert protocol.status(cluster_id) == "DESTROYING"
    ((correlation,),) = protocol.sql(
        "SELECT correlation_id FROM jobs WHERE cluster_id = %s AND job_type = 'JANITOR_DESTROY'", cluster_id
    )
    assert correlation == f"keepalive-{cluster_id}"
    with pytest.raises(WrongState, match="DESTROYING"):
        protocol.keep_alive(cluster_id)


def test_the_time_to_live_holds_as_well(protocol: Protocol) -> None:
    cluster_id = protocol.create(keepalive_seconds=600).cluster_id
    protocol.sql("UPDATE clusters SET destroy_at = now() WHERE id = %s", cluster_id)
    protocol.keep_alive(cluster_id)
    assert protocol.expire(cluster_id).reason == ""
    assert protocol.sql("SELECT correlation_id FROM jobs WHERE job_type = 'JANITOR_DESTROY'") == [
        (f"ttl-{cluster_id}",)
    ]


def test_a_cluster_without_it_needs_no_word_and_takes_none(protocol: Protocol) -> None:
    cluster_id = protocol.create().cluster_id
    assert protocol.sql("SELECT alive_until FROM clusters WHERE id = %s", cluster_id) == [(None,)]
    assert protocol.expire(cluster_id).reason == "NOT_EXPIRED"
    with pytest.raises(WrongState, match="without keepaliveSeconds"):
        protocol.keep_alive(cluster_id)
    with pytest.raises(NotFound):
        protocol.keep_alive("clu_01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_a_key_with_another_keepalive_is_another_request(protocol: Protocol) -> None:
    first = protocol.create(key="k", keepalive_seconds=30)
    again = protocol.create(key="k", content="written otherwise", spec="one", keepalive_seconds=30)
    assert (again.cluster_id, again.replayed) == (first.cluster_id, True)
    with pytest.raises(KeyReused):
        protocol.create(key="k", content="another", spec="one", keepalive_seconds=60)


@pytest.mark.parametrize("ready", [False, True])
def test_it_holds_while_it_installs_and_afterwards(protocol: Protocol, ready: bool) -> None:
    cluster_id = protocol.create(keepalive_seconds=30).cluster_id
    if ready:
        grant = protocol.acquire(protocol.sql("SELECT id FROM jobs WHERE cluster_id = %s", cluster_id)[0][0]).grant
        protocol.authorize(grant)
        protocol.report(grant, "SUCCEEDED")
    protocol.keep_alive(cluster_id)
    protocol.sql(SILENT, cluster_id)
    assert protocol.expire(cluster_id).reason == ""
