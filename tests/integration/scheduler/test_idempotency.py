"""Every change happens once for a key: under forty calls at once, for another body, and when the answer was lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from ocpctl.internal.v1 import request_service_pb2
from ocpctl_common.errors import KeyReused, OcpctlError, RequestInProgress
from ocpctl_common.failpoints import Failpoint
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_scheduler import creating, idempotency

from tests import specs
from tests.conftest import Database
from tests.integration.protocol import Protocol

TABLES = ("clusters", "jobs", "outbox", "audit_events", "idempotency_keys")
AT_ONCE = 40


def paused(protocol: Protocol) -> str:
    """A cluster whose destroy pauses."""
    cluster_id = protocol.ready().cluster_id
    destroy = protocol.acquire(protocol.destroy(cluster_id).job_id).grant
    protocol.report(destroy, "FAILED", "DESTROY")
    protocol.sql("UPDATE jobs SET run_after = now() + interval '1 hour' WHERE id = %s", destroy.job_id)
    return cluster_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A mutating call: what must be before it, the call with a key, and the same key with another body."""

    before: Callable[[Protocol], str]
    ask: Callable[[Protocol, str, str], Any]
    other: Callable[[Protocol, str, str], Any]


def ready(protocol: Protocol) -> str:
    return protocol.ready().cluster_id


def other_cluster(protocol: Protocol) -> str:
    return protocol.create("other").cluster_id


CHANGES = {
    "CreateCluster": Change(
        before=lambda protocol: "",
        ask=lambda protocol, cluster_id, key: protocol.create(key=key),
        other=lambda protocol, cluster_id, key: protocol.create("other", key),
    ),
    "DestroyCluster": Change(
        before=ready,
        ask=lambda protocol, cluster_id, key: protocol.destroy(cluster_id, key),
        other=lambda protocol, cluster_id, key: protocol.destroy(other_cluster(protocol), key),
    ),
    "CancelCreate": Change(
        before=lambda protocol: protocol.create().cluster_id,
        ask=lambda protocol, cluster_id, key: protocol.cancel(cluster_id, key),
        other=lambda protocol, cluster_id, key: protocol.cancel(other_cluster(protocol), key),
    ),
    "ExtendCluster": Change(
        before=ready,
        ask=lambda protocol, cluster_id, key: protocol.extend(cluster_id, 1, key),
        other=lambda protocol, cluster_id, key: protocol.extend(cluster_id, 2, key),
    ),
    "ScaleWorkers": Change(
        before=ready,
        ask=lambda protocol, cluster_id, key: protocol.scale(cluster_id, 2, key),
        other=lambda protocol, cluster_id, key: protocol.scale(cluster_id, 3, key),
    ),
    "RetryDestroy": Change(
        before=paused,
        ask=lambda protocol, cluster_id, key: protocol.retry_destroy(cluster_id, key),
        other=lambda protocol, cluster_id, key: protocol.retry_destroy(other_cluster(protocol), key),
    ),
}


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture(params=sorted(CHANGES))
def change(request: pytest.FixtureRequest) -> Change:
    return CHANGES[request.param]


def counts(protocol: Protocol) -> dict[str, int]:
    return {table: protocol.sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def content(answer: Any) -> Any:
    """An answer without what says that it is one again."""
    plain = type(answer)()
    plain.CopyFrom(answer)
    plain.ClearField("replayed")
    if hasattr(plain, "spec_json"):
        plain.ClearField("spec_json")
    return plain


# What changes nothing, and what is the same when it is said twice.
WITHOUT_A_KEY = {"RecordAudit", "CheckCreate", "KeepClusterAlive"}


def test_every_change_is_tested() -> None:
    service = request_service_pb2.DESCRIPTOR.services_by_name["RequestService"]
    assert {method.name for method in service.methods} - WITHOUT_A_KEY == set(CHANGES)


def test_forty_calls_at_once_have_one_effect_and_one_answer(protocol: Protocol, change: Change) -> None:
    cluster_id = change.before(protocol)
    before = counts(protocol)
    barrier = threading.Barrier(AT_ONCE)

    def one(number: int) -> Any:
        barrier.wait()
        try:
            return change.ask(protocol, cluster_id, "same")
        except RequestInProgress:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [answer for answer in pool.map(one, range(AT_ONCE)) if answer is not None]
    assert [answer.replayed for answer in answers].count(False) == 1
    assert all(content(answer) == content(answers[0]) for answer in answers)
    once = counts(protocol)
    assert once["idempotency_keys"] == before["idempotency_keys"] + 1
    change.ask(protocol, cluster_id, "same")
    assert counts(protocol) == once
    assert once["jobs"] - before["jobs"] <= 1


def test_the_key_of_another_body_is_refused_and_changes_nothing(protocol: Protocol, change: Change) -> None:
    cluster_id = change.before(protocol)
    change.ask(protocol, cluster_id, "k")
    with pytest.raises(KeyReused):
        change.other(protocol, cluster_id, "k")


@pytest.mark.parametrize("point", [Failpoint.ACCEPT_BEFORE_COMMIT, Failpoint.ACCEPT_COMMITTED])
def test_a_crash_around_the_commit_is_made_good_by_asking_again(
    protocol: Protocol, change: Change, point: Failpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it nothing has happened; after it the answer is lost, and given again."""
    cluster_id = change.before(protocol)

    def crash(name: str) -> None:
        if name == point:
            raise ConnectionError

    for module in (creating, idempotency):
        monkeypatch.setattr(module, "reach", crash)
    before = counts(protocol)
    with pytest.raises(OcpctlError, match="internal error"):
        change.ask(protocol, cluster_id, "k")
    lost = counts(protocol)
    assert (lost == before) == (point is Failpoint.ACCEPT_BEFORE_COMMIT)
    monkeypatch.undo()
    answer = change.ask(protocol, cluster_id, "k")
    assert answer.replayed == (point is Failpoint.ACCEPT_COMMITTED)
    if answer.replayed:
        assert counts(protocol) == lost


def test_a_key_belongs_to_its_caller_and_its_call(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    assert protocol.extend(cluster_id, 1, "k").ttl_hours == 25
    assert not protocol.scale(cluster_id, 2, "k").replayed
    protocol.sql("UPDATE idempotency_keys SET principal = 'another' WHERE rpc = 'ExtendCluster'")
    assert protocol.extend(cluster_id, 1, "k").ttl_hours == 26


def test_a_replayed_create_tells_what_was_accepted_then(protocol: Protocol) -> None:
    assert protocol.create(key="k").spec_json == ""
    assert ResolvedSpec.from_json(protocol.create(key="k").spec_json) == specs.spec(note="one")


def test_a_call_behind_one_that_hangs_is_told_that_it_runs(protocol: Protocol) -> None:
    cluster_id = protocol.ready().cluster_id
    with protocol.engine.begin() as other:
        scope = "arn:aws:iam::123456789012:role/r\nScaleWorkers\nk"
        other.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (scope,))
        with pytest.raises(RequestInProgress):
            protocol.scale(cluster_id, 2, "k")
    assert not protocol.scale(cluster_id, 2, "k").replayed
