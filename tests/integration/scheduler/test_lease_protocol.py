"""The lease protocol, step by step, over real gRPC and PostgreSQL: every refusal of the step table."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import Fenced, Refused
from ocpctl_common.rpc.client import call

from tests.conftest import Database
from tests.integration.protocol import RULES, Protocol

GRANTED, DROP, LATER = pb.Verdict.GRANTED, pb.Verdict.DROP, pb.Verdict.LATER
DEAD = RULES.lease + RULES.quarantine


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def test_the_good_life(protocol: Protocol) -> None:
    grant = protocol.granted()
    assert (grant.mode, grant.fence, grant.attempt_number) == (pb.RunMode.INSTALL, 1, 1)
    assert protocol.status(grant.cluster_id) == "PENDING"
    protocol.authorize(grant)
    assert protocol.status(grant.cluster_id) == "CREATING"
    protocol.report(grant, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "READY"
    destroy = protocol.acquire(protocol.destroy(grant.cluster_id).job_id).grant
    assert (destroy.mode, destroy.fence) == (pb.RunMode.CLEANUP, 2)
    assert [needing_cleanup.attempt_id for needing_cleanup in destroy.needing_cleanup] == [grant.attempt_id]
    protocol.verified(destroy, grant.attempt_id)
    protocol.report(destroy, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYED"
    assert protocol.sql("SELECT count(*) FROM audit_breaks") == [(0,)]


def test_only_one_of_many_runners_is_granted(protocol: Protocol) -> None:
    job_id = protocol.create().job_id
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: protocol.acquire(job_id, f"runner-{n}").verdict, range(12)))
    assert sorted(answers) == sorted([GRANTED] + [DROP] * 11)


def test_a_lost_reply_is_answered_with_the_same_grant(protocol: Protocol) -> None:
    job_id, token = protocol.create().job_id, str(uuid.uuid4())
    first = protocol.acquire(job_id, token=token)
    again = protocol.acquire(job_id, token=token)
    assert again == first
    assert protocol.acquire(job_id, runner="thief", token=token).verdict == DROP


def test_unknown_and_ended_jobs_are_dropped(protocol: Protocol) -> None:
    assert protocol.acquire("job_01ARZ3NDEKTSV4RRFFQ69G5FAV").verdict == DROP
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.report(grant, "SUCCEEDED")
    assert protocol.acquire(grant.job_id).verdict == DROP


def test_another_job_of_the_cluster_comes_later(protocol: Protocol) -> None:
    grant = protocol.granted()
    assert protocol.acquire(protocol.destroy(grant.cluster_id).job_id).verdict == LATER


def test_heartbeats_renew_and_tell_of_a_cancel(protocol: Protocol) -> None:
    grant = protocol.granted()
    for _ in range(4):
        protocol.later(RULES.lease * 0.8)
        assert protocol.heartbeat(grant).held
    protocol.destroy(grant.cluster_id)
    assert protocol.heartbeat(grant).cancel_requested
    assert not protocol.heartbeat(grant, runner="thief").held


def test_the_gate_is_write_once(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    with pytest.raises(Refused) as caught:
        protocol.authorize(grant, infra_id="other-abcde")
    assert caught.value.reason == "NOT_AUTHORIZABLE"


def test_the_gate_wants_a_lease_that_has_not_expired(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.later(RULES.lease)
    with pytest.raises(Refused) as caught:
        protocol.authorize(grant)
    assert caught.value.reason == "NOT_AUTHORIZABLE"


def test_the_gate_is_shut_after_a_cancel(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.destroy(grant.cluster_id)
    with pytest.raises(Refused) as caught:
        protocol.authorize(grant)
    assert caught.value.reason == "CANCELLED"


def test_the_gate_is_shut_for_a_reused_infra_id(protocol: Protocol) -> None:
    protocol.authorize(protocol.granted("one"), infra_id="same-abcde")
    with pytest.raises(Refused) as caught:
        protocol.authorize(protocol.granted("two"), infra_id="same-abcde")
    assert caught.value.reason == "INFRA_ID_REUSED"


def test_a_takeover_needs_expiry_and_quarantine(protocol: Protocol) -> None:
    grant = protocol.granted()
    assert not protocol.take_over(grant).applied
    protocol.later(RULES.lease)
    assert not protocol.take_over(grant).applied  # quarantine
    protocol.later(RULES.quarantine)
    assert protocol.take_over(grant).applied
    assert not protocol.take_over(grant).applied


def test_after_a_takeover_the_old_runner_can_change_nothing(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.later(DEAD)
    assert protocol.take_over(grant).applied
    assert not protocol.heartbeat(grant).held
    with pytest.raises(Fenced):
        protocol.report(grant, "SUCCEEDED")
    with pytest.raises(Fenced):
        protocol.authorize(grant)
    with pytest.raises(Fenced):
        protocol.verified(grant, grant.attempt_id)
    assert protocol.status(grant.cluster_id) == "CREATING"


def test_after_a_takeover_the_older_attempt_is_cleaned_first(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.later(DEAD)
    protocol.take_over(grant)
    again = protocol.acquire(grant.job_id).grant
    assert again.mode == pb.RunMode.INSTALL
    assert again.fence > grant.fence + 1  # the takeover used one
    assert [needing_cleanup.attempt_id for needing_cleanup in again.needing_cleanup] == [grant.attempt_id]
    with pytest.raises(Refused) as caught:
        protocol.authorize(again)
    assert caught.value.reason == "NEEDS_CLEANUP"
    protocol.verified(again, grant.attempt_id)
    protocol.authorize(again)
    protocol.report(again, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "READY"


def test_a_late_report_under_an_unbroken_fence_is_the_truth(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.later(DEAD)
    protocol.report(grant, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "READY"


@pytest.mark.parametrize(
    "receipt",
    ['{"checks": []}', '{"checks": [{"found": {"x": 0}}]}', '{"checks": [{"found": {"x": 0}}, {"found": {"x": 1}}]}'],
)
def test_a_receipt_without_two_empty_looks_is_no_proof(protocol: Protocol, receipt: str) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    with pytest.raises(Refused) as caught:
        protocol.verified(grant, grant.attempt_id, receipt)
    assert caught.value.reason == "NO_PROOF"


def test_a_destroy_without_proof_does_not_end(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.report(grant, "SUCCEEDED")
    destroy = protocol.acquire(protocol.destroy(grant.cluster_id).job_id).grant
    protocol.report(destroy, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYING"
    assert protocol.job_status(destroy.job_id) == "RETRYING"


def test_a_destroy_that_is_asked_for_again_does_not_wait_for_its_pause(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.report(grant, "SUCCEEDED")
    destroy = protocol.acquire(protocol.destroy(grant.cluster_id).job_id).grant
    protocol.report(destroy, "FAILED", "DESTROY")
    protocol.sql("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = %s", destroy.job_id)
    assert protocol.acquire(destroy.job_id).reason == "NOT_DUE"
    assert protocol.destroy(grant.cluster_id).job_id == destroy.job_id
    assert protocol.acquire(destroy.job_id).verdict == pb.Verdict.GRANTED


def test_a_failure_that_is_not_retried_is_cleaned_up_and_ends(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.report(grant, "FAILED", "QUOTA")
    protocol.later(2 * RULES.backoff_unit)
    cleanup = protocol.acquire(grant.job_id).grant
    assert cleanup.mode == pb.RunMode.CLEANUP
    protocol.verified(cleanup, grant.attempt_id)
    protocol.report(cleanup, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "FAILED"
    row = protocol.sql("SELECT resources_remaining, name_released_at IS NOT NULL, status_reason FROM clusters")
    assert row == [(False, True, "because")]


def test_a_cancelled_install_hands_over_to_the_destroy(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    destroy = protocol.destroy(grant.cluster_id)
    protocol.report(grant, "CANCELLED")
    assert protocol.job_status(grant.job_id) == "CANCELLED"
    taken = protocol.acquire(destroy.job_id).grant
    assert [needing_cleanup.attempt_id for needing_cleanup in taken.needing_cleanup] == [grant.attempt_id]


def test_a_destroyed_while_installed_cluster_never_becomes_ready(protocol: Protocol) -> None:
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.destroy(grant.cluster_id)
    protocol.report(grant, "SUCCEEDED")
    assert protocol.status(grant.cluster_id) == "DESTROYING"


def test_a_stale_progress_is_ignored(protocol: Protocol) -> None:
    grant = protocol.granted()
    for sequence, stage in ((2, "second"), (1, "first")):
        protocol.leases.Progress(
            pb.ProgressRequest(
                cluster_id=grant.cluster_id,
                fence=grant.fence,
                runner_id="runner-1",
                attempt_id=grant.attempt_id,
                sequence=sequence,
                stage=stage,
            )
        )
    assert protocol.sql("SELECT stage FROM cluster_events") == [("second",)]


def test_time_to_live(protocol: Protocol) -> None:
    created = protocol.create()
    assert protocol.expire(created.cluster_id).reason == "NOT_EXPIRED"
    protocol.sql("UPDATE clusters SET destroy_at = now()")
    assert protocol.expire(created.cluster_id).applied
    assert protocol.expire(created.cluster_id).reason == "STATUS_DESTROYING"
    assert protocol.sql("SELECT job_type FROM jobs WHERE status = 'PENDING'") == [("JANITOR_DESTROY",)]


def test_every_answer_tells_the_times_of_the_scheduler(protocol: Protocol) -> None:
    grant = protocol.acquire(protocol.create().job_id).grant
    held = pb.HeartbeatRequest(cluster_id=grant.cluster_id, fence=grant.fence, runner_id="runner-1")
    sign = pb.AnnounceRequest(runner_id="runner-1", instance_id=str(uuid.uuid4()), slots=1, valid_seconds=3600)
    announced = call(protocol.leases.Announce, sign, timeout=10)
    for times in (grant.times, call(protocol.leases.Heartbeat, held, timeout=10).times, announced.times):
        assert (times.trust_seconds, times.kill_seconds, times.heartbeat_seconds) == (180, 30, 20)
    assert (announced.valid_seconds, announced.claim_seconds) == (60, 60)  # not what the runner would like
