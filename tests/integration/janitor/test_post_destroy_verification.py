"""Looking again for what was proven gone: when it is due, what a find changes, and that nothing alive is touched."""

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.store.engine import make_engine

from tests.conftest import Database
from tests.integration.janitor_sweeps import sweep
from tests.integration.protocol import RULES, Protocol


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def sweep_job(protocol: Protocol) -> str:
    return str(protocol.sql("SELECT id FROM jobs WHERE job_type = 'ORPHAN_SWEEP' ORDER BY id DESC LIMIT 1")[0][0])


def to_verify(protocol: Protocol, cluster_id: str) -> pb.Grant:
    """The grant of a sweep that is due now."""
    assert protocol.sweep(cluster_id).applied
    return protocol.acquire(sweep_job(protocol)).grant


def test_the_janitor_asks_when_a_look_is_due_and_only_then(protocol: Protocol, database: Database) -> None:
    protocol.destroyed()
    reader = make_engine(database.url("ocpctl_reader"), pool_size=2, application_name="janitor")
    sweeper = sweep("verification", reader, protocol)
    assert sweeper.run_once().found == 0
    protocol.later(RULES.verification_pauses[0])
    assert sweeper.run_once().applied == 1
    assert sweeper.run_once().found == 0  # it is asked for once


def test_looks_that_find_nothing_end_after_the_last(protocol: Protocol) -> None:
    grant = protocol.destroyed()
    for _ in RULES.verification_pauses:
        protocol.later(RULES.verification_pauses[-1])
        again = to_verify(protocol, grant.cluster_id)
        assert again.mode == pb.RunMode.SWEEP
        assert [gone.attempt_id for gone in again.needing_cleanup] == [grant.attempt_id]
        protocol.verify_again(again, grant.attempt_id)
        protocol.report(again, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYED"
    assert protocol.sql("SELECT resweeps, resweep_due_at FROM attempts WHERE mode = 'INSTALL'") == [(3, None)]
    assert not protocol.sweep(grant.cluster_id).applied


def test_a_find_reopens_the_cluster_until_it_is_proven_anew(protocol: Protocol) -> None:
    grant = protocol.destroyed()
    protocol.later(RULES.verification_pauses[0])
    again = to_verify(protocol, grant.cluster_id)
    protocol.verify_again(again, grant.attempt_id, "ec2:volume vol-1")
    assert protocol.status(grant.cluster_id) == "DESTROYING"
    protocol.verify_again(again, grant.attempt_id, "ec2:volume vol-1")  # a lost reply
    protocol.verified(again, grant.attempt_id)
    protocol.report(again, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYED"
    assert protocol.sql("SELECT count(*) FROM destroy_receipts") == [(2,)]
    assert protocol.sql("SELECT count(*) FROM audit_events WHERE action = 'REMAINS_FOUND'") == [(2,)]  # find, status
    assert protocol.sql("SELECT count(*) FROM audit_breaks") == [(0,)]


def test_a_find_that_is_not_destroyed_yet_is_granted_again(protocol: Protocol) -> None:
    grant = protocol.destroyed()
    protocol.later(RULES.verification_pauses[0])
    again = to_verify(protocol, grant.cluster_id)
    protocol.verify_again(again, grant.attempt_id, "ec2:volume vol-1")
    protocol.report(again, "FAILED", "DESTROY")
    protocol.later(2 * RULES.backoff_unit)
    third = protocol.acquire(again.job_id).grant
    assert [gone.attempt_id for gone in third.needing_cleanup] == [grant.attempt_id]


def test_a_sweep_is_never_given_the_attempt_that_lives(protocol: Protocol) -> None:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "BOOTSTRAP")
    protocol.later(2 * RULES.backoff_unit)
    second = protocol.acquire(first.job_id).grant
    protocol.authorize(second)
    protocol.report(second, "SUCCEEDED")
    protocol.later(RULES.verification_pauses[0])
    again = to_verify(protocol, first.cluster_id)
    assert [gone.attempt_id for gone in again.needing_cleanup] == [first.attempt_id]
    protocol.verify_again(again, first.attempt_id, "ec2:volume vol-1")
    protocol.verified(again, first.attempt_id)
    protocol.report(again, "SUCCEEDED")
    assert protocol.status(first.cluster_id) == "READY"


def test_a_destroy_comes_before_a_sweep(protocol: Protocol) -> None:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "BOOTSTRAP")
    protocol.later(RULES.verification_pauses[0])
    assert protocol.sweep(first.cluster_id).reason == "BUSY"


def found_and_not_cleaned(protocol: Protocol) -> tuple[pb.Grant, pb.Grant]:
    """A verification found something, its clean-up failed, and a person has removed the thing during the pause.

    Returns the create's grant and the next verification's.
    """
    grant = protocol.destroyed()
    protocol.later(RULES.verification_pauses[0])
    again = to_verify(protocol, grant.cluster_id)
    protocol.verify_again(again, grant.attempt_id, "ec2:volume vol-1")
    protocol.report(again, "FAILED", "DESTROY")
    protocol.later(2 * RULES.backoff_unit)
    return grant, protocol.acquire(again.job_id).grant


def test_an_empty_look_at_what_a_look_had_found_demands_a_proof(protocol: Protocol) -> None:
    grant, third = found_and_not_cleaned(protocol)
    assert protocol.verify_again(third, grant.attempt_id), "an empty verification is no receipt"
    protocol.report(third, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYING"
    assert protocol.job_status(third.job_id) == "RETRYING", "success with anything REQUIRED is not success"
    protocol.later(3 * RULES.backoff_unit)
    last = protocol.acquire(third.job_id).grant
    protocol.verified(last, grant.attempt_id)
    protocol.report(last, "SUCCEEDED")
    assert (protocol.status(grant.cluster_id), protocol.job_status(last.job_id)) == ("DESTROYED", "SUCCEEDED")


def test_what_is_found_beside_a_cluster_that_lives_keeps_its_owner(protocol: Protocol) -> None:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "BOOTSTRAP")
    protocol.later(2 * RULES.backoff_unit)
    second = protocol.acquire(first.job_id).grant
    protocol.authorize(second)
    protocol.report(second, "SUCCEEDED")
    protocol.later(RULES.verification_pauses[0])
    again = to_verify(protocol, first.cluster_id)
    protocol.verify_again(again, first.attempt_id, "ec2:volume vol-1")
    protocol.report(again, "SUCCEEDED")
    assert protocol.job_status(again.job_id) == "RETRYING"
    assert protocol.status(first.cluster_id) == "READY"


def test_remains_of_a_create_that_failed_reopen_its_cluster_too(protocol: Protocol) -> None:
    """FAILED says that nothing remains; a find makes that untrue."""
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "QUOTA")
    assert protocol.status(first.cluster_id) == "FAILED"
    protocol.later(RULES.verification_pauses[0])
    again = to_verify(protocol, first.cluster_id)
    protocol.verify_again(again, first.attempt_id, "ec2:volume vol-1")
    assert protocol.status(first.cluster_id) == "DESTROYING"
    protocol.verified(again, first.attempt_id)
    protocol.report(again, "SUCCEEDED")
    assert protocol.status(first.cluster_id) == "DESTROYED"


@pytest.mark.parametrize("way", ["destroy", "retry_destroy"])
def test_a_destroying_cluster_without_a_job_gets_one(protocol: Protocol, way: str) -> None:
    grant = protocol.ready()
    job_id = protocol.destroy(grant.cluster_id).job_id
    protocol.sql("UPDATE jobs SET status = 'SUCCEEDED', ended_at = now() WHERE id = %s", job_id)
    answer = getattr(protocol, way)(grant.cluster_id)
    assert answer.job_id != job_id
    destroy = protocol.acquire(answer.job_id).grant
    assert [needing_cleanup.attempt_id for needing_cleanup in destroy.needing_cleanup] == [grant.attempt_id]
    protocol.verified(destroy, grant.attempt_id)
    protocol.report(destroy, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYED"
    assert protocol.sql("SELECT count(*) FROM audit_breaks") == [(0,)]
