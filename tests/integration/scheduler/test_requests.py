"""Accepting requests: durable, once, and nothing is written when it is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl_common.errors import (
    InvalidRequest,
    KeyReused,
    NameTaken,
    NotFound,
    OcpctlError,
    RequestInProgress,
    WrongState,
)
from ocpctl_common.rpc.client import call

from tests.conftest import Database
from tests.integration.protocol import Protocol, context

TABLES = ("clusters", "jobs", "job_locks", "outbox", "audit_events", "idempotency_keys")


def counts(protocol: Protocol) -> dict[str, int]:
    return {table: protocol.sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def test_a_create_writes_everything_at_once(database: Database) -> None:
    protocol = Protocol(database)
    accepted = protocol.create()
    assert accepted.status == "PENDING"
    assert counts(protocol) == dict.fromkeys(TABLES, 1)


def test_the_same_key_gives_the_same_answer(database: Database) -> None:
    protocol = Protocol(database)
    first, again = protocol.create(key="k"), protocol.create(key="k")
    assert (again.cluster_id, again.job_id, again.replayed) == (first.cluster_id, first.job_id, True)
    assert counts(protocol) == dict.fromkeys(TABLES, 1)


def test_the_same_key_for_another_request_is_refused(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create(key="k")
    with pytest.raises(KeyReused):
        protocol.create(name="two", key="k")
    assert counts(protocol)["clusters"] == 1


def test_a_taken_name_is_refused_and_the_key_stays_free(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create()
    with pytest.raises(NameTaken):
        protocol.create(key="k")
    assert protocol.create(name="two", key="k").replayed is False


def test_forty_calls_at_once_make_one_cluster(database: Database) -> None:
    protocol = Protocol(database)
    barrier = threading.Barrier(40)

    def one(number: int) -> str:
        barrier.wait()
        return protocol.create(key="same").cluster_id

    with ThreadPoolExecutor(40) as pool:
        ids = set(pool.map(one, range(40)))
    assert len(ids) == 1
    assert counts(protocol) == dict.fromkeys(TABLES, 1)


def test_forty_destroys_at_once_make_one_job(database: Database) -> None:
    protocol = Protocol(database)
    cluster_id = protocol.create().cluster_id
    barrier = threading.Barrier(40)

    def one(number: int) -> str:
        barrier.wait()
        for _ in range(20):
            try:
                return protocol.destroy(cluster_id, key=f"k{number % 4}").job_id
            except RequestInProgress:
                continue
        raise AssertionError("never answered")

    with ThreadPoolExecutor(40) as pool:
        ids = set(pool.map(one, range(40)))
    assert len(ids) == 1
    assert len(protocol.sql("SELECT 1 FROM jobs WHERE job_type = 'DESTROY'")) == 1


def test_an_expired_key_may_be_used_again(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create(key="k")
    protocol.sql("UPDATE idempotency_keys SET expires_at = now() - interval '1 second'")
    assert protocol.create(name="two", key="k").replayed is False


def test_destroy_of_a_pending_cluster_cancels_its_create(database: Database) -> None:
    protocol = Protocol(database)
    created = protocol.create()
    destroyed = protocol.destroy(created.cluster_id)
    assert protocol.job_status(created.job_id) == "CANCELLED"
    assert protocol.status(created.cluster_id) == "DESTROYING"
    assert protocol.destroy(created.cluster_id).job_id == destroyed.job_id


def test_destroy_of_nothing_and_of_the_destroyed(database: Database) -> None:
    protocol = Protocol(database)
    with pytest.raises(NotFound):
        protocol.destroy("clu_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    created = protocol.create()
    grant = protocol.acquire(protocol.destroy(created.cluster_id).job_id).grant
    protocol.report(grant, "SUCCEEDED")
    assert protocol.status(created.cluster_id) == "DESTROYED"
    with pytest.raises(WrongState):
        protocol.destroy(created.cluster_id)
    assert protocol.create(key="fresh").replayed is False  # the name is free again


def test_a_stuck_peer_is_an_error_and_not_a_queue(database: Database) -> None:
    """Somebody holds the cluster's row: the call gives up after the lock timeout and says try again."""
    protocol = Protocol(database)
    cluster_id = protocol.create().cluster_id
    with protocol.engine.begin() as other:
        other.exec_driver_sql("SELECT 1 FROM job_locks FOR UPDATE")
        with pytest.raises(OcpctlError) as caught:
            protocol.destroy(cluster_id)
    assert caught.value.reason == "UNAVAILABLE"
    assert protocol.destroy(cluster_id).status == "DESTROYING"


def test_a_request_without_a_correlation_id_is_a_defect_of_the_gateway(database: Database) -> None:
    protocol = Protocol(database)
    asked = context("k", "x")
    asked.correlation_id = ""
    request = request_pb.DestroyClusterRequest(context=asked, cluster_id="clu_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    with pytest.raises(InvalidRequest, match="correlation_id"):
        call(protocol.requests.DestroyCluster, request, timeout=5)
