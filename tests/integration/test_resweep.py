"""Looking again for what was proven gone: when it is due, what a find changes, and that nothing alive is touched."""

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.store.engine import make_engine
from ocpctl_janitor.sweeps import looks

from tests.conftest import Database
from tests.integration.protocol import RULES, Protocol


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def sweep_job(protocol: Protocol) -> str:
    return str(protocol.sql("SELECT id FROM jobs WHERE job_type = 'ORPHAN_SWEEP' ORDER BY id DESC LIMIT 1")[0][0])


def swept(protocol: Protocol, cluster_id: str) -> pb.Grant:
    """The grant of a sweep that is due now."""
    assert protocol.sweep(cluster_id).applied
    return protocol.acquire(sweep_job(protocol)).grant


def test_the_janitor_asks_when_a_look_is_due_and_only_then(protocol: Protocol, database: Database) -> None:
    protocol.destroyed()
    reader = make_engine(database.url("ocpctl_reader"), pool_size=2, application_name="janitor")
    sweep = looks(reader, protocol.sweeps, batch=10)
    assert sweep.run_once().found == 0
    protocol.later(RULES.resweeps[0])
    assert sweep.run_once().applied == 1
    assert sweep.run_once().found == 0  # it is asked for once


def test_looks_that_find_nothing_end_after_the_last(protocol: Protocol) -> None:
    grant = protocol.destroyed()
    for _ in RULES.resweeps:
        protocol.later(RULES.resweeps[-1])
        again = swept(protocol, grant.cluster_id)
        assert again.mode == pb.RunMode.SWEEP
        assert [gone.attempt_id for gone in again.dirty] == [grant.attempt_id]
        protocol.resweep(again, grant.attempt_id)
        protocol.report(again, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYED"
    assert protocol.sql("SELECT resweeps, resweep_due_at FROM attempts WHERE mode = 'INSTALL'") == [(3, None)]
    assert not protocol.sweep(grant.cluster_id).applied


def test_a_find_reopens_the_cluster_until_it_is_proven_anew(protocol: Protocol) -> None:
    grant = protocol.destroyed()
    protocol.later(RULES.resweeps[0])
    again = swept(protocol, grant.cluster_id)
    protocol.resweep(again, grant.attempt_id, "ec2:volume vol-1")
    assert protocol.status(grant.cluster_id) == "DESTROYING"
    protocol.resweep(again, grant.attempt_id, "ec2:volume vol-1")  # a lost reply
    protocol.verified(again, grant.attempt_id)
    protocol.report(again, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYED"
    assert protocol.sql("SELECT count(*) FROM destroy_receipts") == [(2,)]
    assert protocol.sql("SELECT count(*) FROM audit_events WHERE action = 'REMAINS_FOUND'") == [(2,)]  # find, status
    assert protocol.sql("SELECT count(*) FROM audit_breaks") == [(0,)]


def test_a_find_that_is_not_destroyed_yet_is_granted_again(protocol: Protocol) -> None:
    grant = protocol.destroyed()
    protocol.later(RULES.resweeps[0])
    again = swept(protocol, grant.cluster_id)
    protocol.resweep(again, grant.attempt_id, "ec2:volume vol-1")
    protocol.report(again, "FAILED", "DESTROY")
    protocol.later(2 * RULES.backoff_unit)
    third = protocol.acquire(again.job_id).grant
    assert [gone.attempt_id for gone in third.dirty] == [grant.attempt_id]


def test_a_sweep_is_never_given_the_attempt_that_lives(protocol: Protocol) -> None:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "BOOTSTRAP")
    protocol.later(2 * RULES.backoff_unit)
    second = protocol.acquire(first.job_id).grant
    protocol.authorize(second)
    protocol.report(second, "SUCCEEDED")
    protocol.later(RULES.resweeps[0])
    again = swept(protocol, first.cluster_id)
    assert [gone.attempt_id for gone in again.dirty] == [first.attempt_id]
    protocol.resweep(again, first.attempt_id, "ec2:volume vol-1")
    protocol.verified(again, first.attempt_id)
    protocol.report(again, "SUCCEEDED")
    assert protocol.status(first.cluster_id) == "READY"


def test_a_destroy_comes_before_a_sweep(protocol: Protocol) -> None:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "BOOTSTRAP")
    protocol.later(RULES.resweeps[0])
    assert protocol.sweep(first.cluster_id).reason == "BUSY"
