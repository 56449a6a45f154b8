"""Scaling from request to end, over real gRPC and PostgreSQL: what it changes, and what it leaves alone."""

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import NotFound, PolicyRefused, Refused, WrongState

from tests.conftest import Database
from tests.integration.protocol import ACCOUNT, RULES, Protocol
from tests.oracle import checks

DEAD = RULES.lease + RULES.quarantine
NOW = "SELECT status, status_reason, worker_replicas, hourly_cost_micros FROM clusters"


class Rows:
    """For the oracle's questions."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    def rows(self, statement: str, *parameters: object) -> list[dict[str, object]]:
        return [row[0] for row in self._protocol.sql(f"SELECT to_jsonb(q) FROM ({statement}) q", *parameters)]


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def test_a_number_of_workers_is_changed(protocol: Protocol) -> None:
    created = protocol.ready()
    accepted = protocol.scale(created.cluster_id, 2)
    assert (accepted.status, protocol.status(created.cluster_id)) == ("SCALING", "SCALING")
    grant = protocol.acquire(accepted.job_id).grant
    assert (grant.mode, grant.job_type, grant.worker_replicas) == (pb.RunMode.SCALE, "SCALE_WORKERS", 2)
    assert list(grant.needing_cleanup) == [], "what exists is in use"
    assert (grant.outputs.kubeconfig_s3_uri, grant.outputs.kubeconfig_version_id) == ("s3://b/k", "v")
    assert grant.deadline_seconds == 30 * 60
    protocol.report(grant, "SUCCEEDED")
    assert protocol.sql(NOW) == [("READY", "", 2, 4_000_000)]
    assert protocol.job_status(accepted.job_id) == "SUCCEEDED"
    assert protocol.sql("SELECT cleanup FROM attempts ORDER BY fence") == [("REQUIRED",), ("NOT_NEEDED",)]
    assert list(checks.audited(Rows(protocol))) == []
    destroy = protocol.acquire(protocol.destroy(created.cluster_id).job_id).grant
    assert [needing_cleanup.attempt_id for needing_cleanup in destroy.needing_cleanup] == [created.attempt_id]


def test_a_failed_scaling_leaves_a_cluster_that_works_and_says_why(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    job_id = protocol.scale(cluster_id).job_id
    protocol.report(protocol.acquire(job_id).grant, "FAILED", "SCALE")
    assert protocol.sql(NOW)[0][:3] == ("READY", "because", None)
    assert protocol.sql("SELECT status, error_code FROM jobs WHERE id = %s", job_id) == [("FAILED", "SCALE")]
    assert protocol.scale(cluster_id).status == "SCALING"
    assert protocol.sql(NOW)[0][:2] == ("SCALING", ""), "a new request begins without the old reason"


def test_a_scaling_whose_runner_died_is_done_again(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    job_id = protocol.scale(cluster_id).job_id
    grant = protocol.acquire(job_id).grant
    protocol.later(DEAD)
    assert protocol.take_over(grant).applied
    again = protocol.acquire(job_id, runner="runner-2").grant
    assert (again.mode, list(again.needing_cleanup), again.worker_replicas) == (pb.RunMode.SCALE, [], 2)
    protocol.report(again, "SUCCEEDED", runner="runner-2")
    assert protocol.sql(NOW)[0][2] == 2


def test_it_may_not_create(protocol: Protocol) -> None:
    grant = protocol.acquire(protocol.scale(protocol.ready().cluster_id).job_id).grant
    with pytest.raises(Refused) as caught:
        protocol.authorize(grant)
    assert caught.value.reason == "NOT_AN_INSTALL"


def test_it_takes_no_part_in_the_accounts_budget(protocol: Protocol) -> None:
    for number in range(RULES.destroys):
        destroy = protocol.destroy(protocol.ready(f"d{number}").cluster_id)
        assert protocol.acquire(destroy.job_id, account=ACCOUNT).verdict == pb.Verdict.GRANTED
    job_id = protocol.scale(protocol.ready().cluster_id).job_id
    assert protocol.acquire(job_id, account=ACCOUNT).verdict == pb.Verdict.GRANTED


def test_a_destroy_cancels_it(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    grant = protocol.acquire(protocol.scale(cluster_id).job_id).grant
    destroy = protocol.destroy(cluster_id)
    assert protocol.status(cluster_id) == "DESTROYING"
    assert protocol.heartbeat(grant).cancel_requested
    protocol.report(grant, "SUCCEEDED")
    assert protocol.job_status(grant.job_id) == "CANCELLED"
    assert protocol.sql(NOW)[0][2] is None, "a cancelled request changes nothing"
    assert protocol.acquire(destroy.job_id).grant.mode == pb.RunMode.CLEANUP


def test_a_time_to_live_ends_also_while_it_scales(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    protocol.scale(cluster_id)
    protocol.sql("UPDATE clusters SET destroy_at = now()")
    assert protocol.expire(cluster_id).applied
    assert protocol.status(cluster_id) == "DESTROYING"


def test_it_may_be_extended_meanwhile(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    protocol.scale(cluster_id)
    assert protocol.extend(cluster_id, 2).ttl_hours == 26


def test_only_a_ready_cluster_is_scaled_and_only_within_its_limits(protocol: Protocol) -> None:
    with pytest.raises(NotFound):
        protocol.scale("clu_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    with pytest.raises(WrongState, match="READY"):
        protocol.scale(protocol.create("young").cluster_id)
    cluster_id = protocol.ready().cluster_id
    with pytest.raises(PolicyRefused) as caught:
        protocol.scale(cluster_id, 4)
    assert [problem.reason for problem in caught.value.problems] == ["WORKERS_OUT_OF_RANGE"]
    assert protocol.status(cluster_id) == "READY"
    protocol.scale(cluster_id)
    with pytest.raises(WrongState):
        protocol.scale(cluster_id, 3)


def test_a_repeated_wish_is_not_measured_by_todays_limits(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    first = protocol.scale(cluster_id, 3, "k")
    assert protocol.scale(cluster_id, 3, "k", limit=1).job_id == first.job_id
