"""Whether the DNS name of an attempt was given to somebody after it: told with every grant that has to clean up."""

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb

from tests.conftest import Database
from tests.integration.protocol import RULES, Protocol


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def used(grant: pb.Grant) -> dict[str, bool]:
    return {gone.attempt_id: gone.name_used_since for gone in grant.needing_cleanup}


def to_verify(protocol: Protocol, cluster_id: str) -> pb.Grant:
    protocol.later(RULES.verification_pauses[0])
    assert protocol.sweep(cluster_id).applied
    [[job]] = protocol.sql(
        "SELECT id FROM jobs WHERE job_type = 'ORPHAN_SWEEP' AND cluster_id = %s ORDER BY id DESC LIMIT 1", cluster_id
    )
    return protocol.acquire(job).grant


def test_a_name_that_nobody_used_since(protocol: Protocol) -> None:
    gone = protocol.destroyed()
    protocol.ready("two")
    assert used(to_verify(protocol, gone.cluster_id)) == {gone.attempt_id: False}


def test_another_cluster_has_the_name(protocol: Protocol) -> None:
    gone = protocol.destroyed()
    protocol.ready()
    assert used(to_verify(protocol, gone.cluster_id)) == {gone.attempt_id: True}


def test_a_later_attempt_of_the_same_cluster_has_the_name(protocol: Protocol) -> None:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", failure_class="BOOTSTRAP")
    protocol.later(3600)
    second = protocol.acquire(first.job_id).grant
    protocol.authorize(second)
    protocol.report(second, "SUCCEEDED")
    look = to_verify(protocol, first.cluster_id)
    assert used(look) == {first.attempt_id: True}
    protocol.verify_again(look, first.attempt_id)
    protocol.report(look, "SUCCEEDED")
    destroy = protocol.acquire(protocol.destroy(first.cluster_id).job_id).grant
    assert used(destroy)[second.attempt_id] is False


def test_a_cluster_below_the_name_that_lives(protocol: Protocol) -> None:
    below = protocol.ready("below")
    moved = """UPDATE clusters SET spec = jsonb_set(spec, '{baseDomain}', '"one.labs.example.com"') WHERE id = %s"""
    protocol.sql(moved, below.cluster_id)
    gone = protocol.destroyed()
    assert used(to_verify(protocol, gone.cluster_id)) == {gone.attempt_id: True}
