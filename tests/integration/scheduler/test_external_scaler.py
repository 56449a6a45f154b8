"""The external scaler: it counts what lease acquire would grant, and says clearly what is wrong in a question."""

import random
from typing import Any

import grpc
import pytest
from ocpctl.external import external_scaler_pb2 as pb
from ocpctl.external.external_scaler_pb2_grpc import ExternalScalerStub
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl_common.errors import InvalidRequest, NotPermitted, Unavailable
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc.client import call
from ocpctl_common.rpc.peers import KEDA, NAMES
from ocpctl_scheduler import runnable as runnable_jobs
from ocpctl_scheduler.servicers import external_scaler

from tests.conftest import Database
from tests.integration.protocol import ACCOUNT, RULES, Protocol

REGIONS = ("us-east-1", "eu-west-1")
# A region is pinned with the specification; only here it changes, so that the limits of two regions are counted.
MOVE = "UPDATE clusters SET spec = jsonb_set(spec, '{region}', to_jsonb(%s::text)) WHERE id = %s"
WAITING = "SELECT id, job_type, given_up FROM jobs WHERE status IN ('PENDING', 'RETRYING')"
FATES = ("waits", "waits", "runs", "runs", "fails", "throttled", "given up", "ready", "scales", "dies")
POOL_OF = {"CREATE": Pool.CREATES, "DESTROY": Pool.DESTROYS, "SCALE_WORKERS": Pool.CREATES}


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture
def scaler(protocol: Protocol) -> ExternalScalerStub:
    return ExternalScalerStub(protocol.channel(KEDA))


def asked(pool: str = "creates", **metadata: str) -> pb.ScaledObjectRef:
    """As KEDA asks: all of the trigger's metadata."""
    given = {"scalerAddress": "scheduler:7020", "enableTLS": "true", "pool": pool, "accountId": ACCOUNT} | metadata
    return pb.ScaledObjectRef(name="runners", namespace="ocpctl", scalerMetadata=given)


def runnable(scaler: ExternalScalerStub, pool: str = "creates", **metadata: str) -> int:
    """What KEDA reads: both fields of the only metric, which has the name that its spec told."""
    ref = asked(pool, **metadata)
    (spec,) = call(scaler.GetMetricSpec, ref, timeout=10).metricSpecs
    assert (spec.targetSize, spec.targetSizeFloat) == (1, 1.0)
    request = pb.GetMetricsRequest(scaledObjectRef=ref, metricName=spec.metricName)
    (value,) = call(scaler.GetMetrics, request, timeout=10).metricValues
    assert value.metricName == spec.metricName
    assert value.metricValue == value.metricValueFloat
    assert call(scaler.IsActive, ref, timeout=10).result == (value.metricValue > 0)
    return int(value.metricValue)


def test_due_jobs_are_counted_up_to_the_limit_and_those_that_run_are_not(
    protocol: Protocol, scaler: ExternalScalerStub
) -> None:
    assert runnable(scaler) == 0
    first, *others = [protocol.create(f"c{number}").job_id for number in range(RULES.creates + 2)]
    assert (runnable(scaler), runnable(scaler, "destroys")) == (RULES.creates, 0)
    grant = protocol.acquire(first, account=ACCOUNT).grant
    assert runnable(scaler) == RULES.creates - 1
    assert runnable(scaler, accountId="999999999999") == RULES.creates
    for job in others:
        protocol.acquire(job, account=ACCOUNT)
    assert runnable(scaler) == 0
    protocol.report(grant, "FAILED", "CONFIG")  # one that waits for the limit is due by the end of a run
    assert runnable(scaler) == 1
    protocol.later(RULES.backoff_unit)
    assert runnable(scaler) == 1


def test_a_destroy_behind_a_running_create_is_not_counted(protocol: Protocol, scaler: ExternalScalerStub) -> None:
    grant = protocol.granted()
    protocol.destroy(grant.cluster_id)
    assert runnable(scaler, "destroys") == 0
    protocol.report(grant, "CANCELLED")
    assert runnable(scaler, "destroys") == 1


def test_a_throttle_lowers_the_count(protocol: Protocol, scaler: ExternalScalerStub) -> None:
    throttled, *_ = [protocol.create(f"c{number}").job_id for number in range(RULES.creates + 1)]
    protocol.report(protocol.acquire(throttled, account=ACCOUNT).grant, "FAILED", "THROTTLE")
    assert runnable(scaler) == RULES.creates // 2


@pytest.mark.parametrize("seed", range(12))
def test_the_count_is_what_lease_acquire_grants(protocol: Protocol, scaler: ExternalScalerStub, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(chance.randint(4, 14)):
        _random_life(protocol, chance, f"c{number}")
    if chance.random() < 0.3:
        protocol.later(chance.choice([30, 120, 900]))
    counted = {pool: runnable(scaler, pool) for pool in Pool}
    waiting = protocol.sql(WAITING)
    chance.shuffle(waiting)
    granted = dict.fromkeys(Pool, 0)
    for job_id, job_type, given_up in waiting:
        verdict = protocol.acquire(job_id, account=ACCOUNT).verdict
        granted[Pool.DESTROYS if given_up else POOL_OF[job_type]] += verdict == lease_pb.Verdict.GRANTED
    assert counted == granted
    assert {pool: runnable(scaler, pool) for pool in Pool} == dict.fromkeys(Pool, 0)


def _random_life(protocol: Protocol, chance: random.Random, name: str) -> None:
    """A cluster in one of many states; attempts count for the account of the question or for another one."""
    accepted = protocol.create(name)
    protocol.sql(MOVE, chance.choice(REGIONS), accepted.cluster_id)
    account = chance.choice([ACCOUNT, ACCOUNT, "999999999999"])
    fate = chance.choice(
        ["waits", "waits", "runs", "runs", "fails", "throttled", "given up", "ready", "scales", "dies"]
    )
    if fate == "waits":
        return
    grant = protocol.acquire(accepted.job_id, account=account).grant
    if not grant.attempt_id or fate == "runs":
        if chance.random() < 0.3:
            protocol.destroy(accepted.cluster_id)
        return
    match fate:
        case "fails":
            protocol.report(grant, "FAILED", "INFRA")
        case "throttled":
            protocol.report(grant, "FAILED", "THROTTLE")
        case "given up":
            protocol.authorize(grant)
            protocol.report(grant, "FAILED", "CONFIG")
        case _:
            protocol.authorize(grant)
            protocol.report(grant, "SUCCEEDED")
            _end(protocol, chance, grant, fate)


def _end(protocol: Protocol, chance: random.Random, grant: lease_pb.Grant, fate: str) -> None:
    if fate == "scales":
        protocol.scale(grant.cluster_id)
    if fate == "dies":
        job_id = protocol.destroy(grant.cluster_id).job_id
        if chance.random() < 0.4:
            protocol.acquire(job_id, account=ACCOUNT)


@pytest.mark.parametrize(
    ("metadata", "field", "sentence"),
    [
        ({"pool": "installs"}, "pool", "pool must be creates or destroys"),
        ({"pool": ""}, "pool", "pool must be creates or destroys"),
        ({"accountId": ""}, "accountId", "accountId must be the account of the runners' credentials"),
        ({"accountId": "1 or 1"}, "accountId", "accountId must be the account of the runners' credentials"),
    ],
)
def test_wrong_metadata_is_refused_and_named(
    scaler: ExternalScalerStub, metadata: dict[str, str], field: str, sentence: str
) -> None:
    ref = asked(**metadata)
    for rpc, request in (
        (scaler.IsActive, ref),
        (scaler.GetMetricSpec, ref),
        (scaler.GetMetrics, pb.GetMetricsRequest(scaledObjectRef=ref)),
    ):
        with pytest.raises(InvalidRequest) as refused:
            call(rpc, request, timeout=10)
        assert [problem.field for problem in refused.value.problems] == [field]
        assert str(refused.value) == f"metadata of the trigger of ocpctl/runners: {sentence}"
    with pytest.raises(grpc.RpcError) as ended:
        next(scaler.StreamIsActive(ref, timeout=10))
    assert ended.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_question_without_metadata_is_refused(scaler: ExternalScalerStub) -> None:
    with pytest.raises(InvalidRequest, match=r"pool must be .*; accountId must be"):
        call(scaler.GetMetrics, pb.GetMetricsRequest(), timeout=10)


@pytest.mark.parametrize("name", NAMES)
def test_only_keda_asks(protocol: Protocol, name: str) -> None:
    with pytest.raises(NotPermitted):
        call(ExternalScalerStub(protocol.channel(name)).IsActive, asked(), timeout=10)


def test_keda_may_ask_for_nothing_else(protocol: Protocol) -> None:
    protocol.leases = type(protocol.leases)(protocol.channel(KEDA))
    with pytest.raises(NotPermitted):
        protocol.acquire("job_1")


def test_a_stream_tells_the_beginning_and_changes_and_ends_by_itself(
    protocol: Protocol, scaler: ExternalScalerStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_scaler, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(external_scaler, "STREAM_SECONDS", 2.0)
    stream: Any = scaler.StreamIsActive(asked(), timeout=60)
    assert next(stream).result is False
    protocol.create()
    assert next(stream).result is True
    assert list(stream) == []


def test_without_the_database_the_answer_is_an_error_and_no_zero(
    protocol: Protocol, scaler: ExternalScalerStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> int:
        raise Unavailable("the database is away")

    monkeypatch.setattr(runnable_jobs, "count", away)
    with pytest.raises(Unavailable):
        call(scaler.GetMetrics, pb.GetMetricsRequest(scaledObjectRef=asked()), timeout=10)
    with pytest.raises(Unavailable):
        call(scaler.IsActive, asked(), timeout=10)
