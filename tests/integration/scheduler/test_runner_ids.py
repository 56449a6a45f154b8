"""A runner id belongs to one process at a time."""

import uuid

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import Refused
from ocpctl_common.store import runners
from ocpctl_common.store.engine import transaction

from tests.conftest import Database
from tests.integration.protocol import Protocol

ONE, TWO = str(uuid.uuid4()), str(uuid.uuid4())


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def test_a_second_process_is_refused_and_gets_no_lease(protocol: Protocol) -> None:
    assert protocol.announce("runner-1", ONE)
    assert not protocol.announce("runner-1", TWO)
    job_id = protocol.create().job_id
    with pytest.raises(Refused) as caught:
        protocol.acquire(job_id, instance=TWO)
    assert caught.value.reason == "RUNNER_ID_IN_USE"
    assert protocol.acquire(job_id, instance=ONE).verdict == pb.Verdict.GRANTED


def test_the_id_of_a_silent_process_is_free_after_its_time(protocol: Protocol) -> None:
    assert protocol.announce("runner-1", ONE, valid_seconds=0)
    assert protocol.announce("runner-1", TWO)
    assert not protocol.announce("runner-1", ONE)


def test_signs_of_life_renew(protocol: Protocol) -> None:
    assert all(protocol.announce("runner-1", ONE) for _ in range(3))
    assert protocol.announce("runner-2", TWO)


def test_a_runner_that_is_silent_for_a_day_is_forgotten(protocol: Protocol) -> None:
    assert protocol.announce("silent", ONE)
    assert protocol.announce("alive", TWO)
    protocol.sql("UPDATE runners SET seen_at = seen_at - interval '25 hours' WHERE id = 'silent'")
    with transaction(protocol.engine) as tx:
        assert runners.prune(tx, limit=10) == 1
    assert protocol.sql("SELECT id FROM runners") == [("alive",)]
