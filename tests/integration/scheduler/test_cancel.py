"""A create that is cancelled, and a destroy that an operator has tried again: the destroy's own path behind both."""

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import NotFound, WrongState

from tests.conftest import Database
from tests.integration.protocol import Protocol


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def actions(protocol: Protocol) -> list[str]:
    return [row[0] for row in protocol.sql("SELECT action FROM audit_events ORDER BY seq")]


def test_a_create_that_waits_is_cancelled_at_once(protocol: Protocol) -> None:
    created = protocol.create()
    cancelled = protocol.cancel(created.cluster_id)
    assert protocol.job_status(created.job_id) == "CANCELLED"
    assert (cancelled.status, protocol.status(created.cluster_id)) == ("DESTROYING", "DESTROYING")
    assert {"DESTROY_REQUESTED", "CREATE_CANCELLED"} <= set(actions(protocol))
    protocol.report(protocol.acquire(cancelled.job_id).grant, "SUCCEEDED")
    assert protocol.status(created.cluster_id) == "DESTROYED"


def test_a_create_that_runs_is_told_and_its_work_is_proven_gone(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    cancelled = protocol.cancel(grant.cluster_id)
    assert protocol.heartbeat(grant).cancel_requested
    assert protocol.cancel(grant.cluster_id).job_id == cancelled.job_id, "before the run has ended"
    protocol.report(grant, "CANCELLED")
    assert protocol.cancel(grant.cluster_id).job_id == cancelled.job_id, "and after it"
    destroy = protocol.acquire(cancelled.job_id).grant
    assert [needing_cleanup.attempt_id for needing_cleanup in destroy.needing_cleanup] == [grant.attempt_id]
    protocol.verified(destroy, grant.attempt_id)
    protocol.report(destroy, "SUCCEEDED")
    with pytest.raises(WrongState) as caught:
        protocol.cancel(grant.cluster_id)
    assert caught.value.reason == "NOT_CREATING"


def test_only_a_create_that_has_not_ended_can_be_cancelled(protocol: Protocol) -> None:
    with pytest.raises(NotFound):
        protocol.cancel("clu_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    cluster_id = protocol.ready().cluster_id
    for change in (lambda: None, lambda: protocol.scale(cluster_id), lambda: protocol.destroy(cluster_id)):
        change()
        with pytest.raises(WrongState) as caught:
            protocol.cancel(cluster_id)
        assert caught.value.reason == "NOT_CREATING", protocol.status(cluster_id)


def test_a_failed_create_is_not_cancelled(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.report(grant, "FAILED", "CONFIG")
    assert protocol.status(grant.cluster_id) == "FAILED"
    for change in (lambda: None, lambda: protocol.destroy(grant.cluster_id)):
        change()
        with pytest.raises(WrongState):
            protocol.cancel(grant.cluster_id)


def test_an_operator_has_a_pausing_destroy_tried_now(protocol: Protocol) -> None:
    grant = protocol.ready()
    destroy = protocol.acquire(protocol.destroy(grant.cluster_id).job_id).grant
    protocol.report(destroy, "FAILED", "DESTROY")
    protocol.sql("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = %s", destroy.job_id)
    assert protocol.retry_destroy(grant.cluster_id).job_id == destroy.job_id
    assert protocol.acquire(destroy.job_id).verdict == pb.Verdict.GRANTED
    assert "DESTROY_RETRIED" in actions(protocol)


def test_an_operator_has_a_failed_cluster_destroyed(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.report(grant, "FAILED", "CONFIG")
    answer = protocol.retry_destroy(grant.cluster_id)
    assert (answer.status, protocol.status(grant.cluster_id)) == ("DESTROYING", "DESTROYING")


def test_an_operator_has_remains_destroyed_now(protocol: Protocol) -> None:
    """The look again that has found them is the one job; it only pauses."""
    grant = protocol.destroyed()
    protocol.sql("UPDATE attempts SET resweep_due_at = now() WHERE resweep_due_at IS NOT NULL")
    assert protocol.sweep(grant.cluster_id).applied
    [(job_id,)] = protocol.sql("SELECT id FROM jobs WHERE job_type = 'ORPHAN_SWEEP'")
    look = protocol.acquire(job_id).grant
    protocol.verify_again(look, grant.attempt_id, "ec2:volume vol-1")
    protocol.report(look, "FAILED", "DESTROY")
    protocol.sql("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = %s", job_id)
    assert protocol.retry_destroy(grant.cluster_id).job_id == job_id
    assert protocol.acquire(job_id).verdict == pb.Verdict.GRANTED


def test_nothing_else_is_tried_again(protocol: Protocol) -> None:
    young, ready, gone = protocol.create("young"), protocol.ready("ready"), protocol.destroyed("gone")
    for cluster_id in (young.cluster_id, ready.cluster_id, gone.cluster_id):
        with pytest.raises(WrongState) as caught:
            protocol.retry_destroy(cluster_id)
        assert caught.value.reason == "NOTHING_TO_RETRY"
