"""The janitor's sweeps on a real database, asking a real scheduler."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import cast

import pytest
import structlog
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.errors import Unavailable
from ocpctl_common.rpc.client import call
from ocpctl_common.store.engine import Transaction, make_engine
from ocpctl_common.store.queries import janitor
from ocpctl_common.store.queries.janitor import Candidate
from ocpctl_common.telemetry import metrics
from ocpctl_janitor.gauge import ClusterGauge
from ocpctl_janitor.passes import CandidatePass
from ocpctl_janitor.settings import JanitorSettings
from ocpctl_local.settings import ROOT
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from tests.conftest import Database
from tests.integration.janitor_sweeps import dependencies, sweep
from tests.integration.protocol import RULES, Protocol


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture
def reader(database: Database) -> Engine:
    return make_engine(database.url("ocpctl_reader"), pool_size=4, application_name="janitor")


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """As in a process that has just begun."""
    metrics.clusters_total.clear()


def test_a_dead_lease_is_taken_over_once_by_two_janitors(protocol: Protocol, reader: Engine) -> None:
    grant = protocol.granted()
    sweeps = [sweep("takeover", reader, protocol) for _ in range(2)]
    assert sweeps[0].run_once().found == 0
    protocol.later(RULES.lease + RULES.quarantine)
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda one: one.run_once(), sweeps))
    assert sum(report.applied for report in reports) == 1
    assert protocol.job_status(grant.job_id) == "RETRYING"


def test_what_is_over_is_destroyed_once(protocol: Protocol, reader: Engine) -> None:
    over, fresh = protocol.create("over").cluster_id, protocol.create("fresh").cluster_id
    protocol.sql("UPDATE clusters SET destroy_at = now() WHERE id = %s", over)
    expiry = sweep("expiry", reader, protocol)
    assert expiry.run_once().applied == 1
    assert expiry.run_once().found == 0
    assert (protocol.status(over), protocol.status(fresh)) == ("DESTROYING", "PENDING")


def test_what_nobody_wants_any_longer_is_destroyed_once(protocol: Protocol, reader: Engine) -> None:
    both, abandoned, wanted = (
        protocol.create(name, keepalive_seconds=60).cluster_id for name in ("both", "abandoned", "wanted")
    )
    protocol.sql("UPDATE clusters SET alive_until = now() WHERE id IN (%s, %s)", both, abandoned)
    protocol.sql("UPDATE clusters SET destroy_at = now() WHERE id = %s", both)
    expiry = sweep("expiry", reader, protocol)
    report = expiry.run_once()
    assert (report.found, report.applied) == (2, 2)
    assert expiry.run_once().found == 0
    assert [protocol.status(one) for one in (both, abandoned, wanted)] == ["DESTROYING", "DESTROYING", "PENDING"]


def test_a_lost_dispatch_is_sent_again_after_the_silence(protocol: Protocol, reader: Engine) -> None:
    job_id = protocol.create().job_id
    assert (
        sweep("redispatch", reader, protocol, redispatch_silence_seconds=0).run_once().found == 0
    )  # the outbox has it still
    protocol.relay.run_once()
    protocol.queue.sent.clear()  # the queue was purged
    assert sweep("redispatch", reader, protocol, redispatch_silence_seconds=300).run_once().found == 0
    assert sweep("redispatch", reader, protocol, redispatch_silence_seconds=0).run_once().applied == 1
    protocol.relay.run_once()
    assert [message.dedup_id for message in protocol.queue.sent] == [f"job:{job_id}:2"]
    assert protocol.acquire(job_id).grant.job_id == job_id


def test_the_end_of_a_pause_is_rung_at_once(protocol: Protocol, reader: Engine) -> None:
    grant = protocol.granted()
    protocol.relay.run_once()
    protocol.report(grant, "FAILED", "BOOTSTRAP")
    protocol.later(2 * RULES.backoff_unit)
    assert sweep("redispatch", reader, protocol, redispatch_silence_seconds=300).run_once().applied == 1
    assert sweep("redispatch", reader, protocol, redispatch_silence_seconds=300).run_once().found == 0


def test_a_held_lease_is_not_rung(protocol: Protocol, reader: Engine) -> None:
    protocol.granted()
    protocol.relay.run_once()
    assert sweep("redispatch", reader, protocol, redispatch_silence_seconds=0).run_once().found == 0


def test_one_candidate_that_fails_does_not_stop_the_others(protocol: Protocol, reader: Engine) -> None:
    for name in ("a", "b", "c"):
        protocol.create(name)
    protocol.sql("UPDATE clusters SET destroy_at = now()")
    asked: list[str] = []

    class Scheduler:
        """Is away at the first question."""

        def ApplySweep(self, request: pb.ApplySweepRequest, **_: object) -> pb.SweepResponse:
            asked.append(request.cluster_id)
            if len(asked) == 1:
                raise Unavailable("away")
            return pb.SweepResponse(applied=True)

    def find(tx: Transaction, _: JanitorSettings, *, limit: int) -> list[Candidate]:
        return janitor.expired_clusters(tx, limit=limit)

    on = replace(dependencies(reader, protocol), scheduler=cast("SweepServiceStub", Scheduler()))
    report = CandidatePass("test", find, on).run_once()
    assert (report.found, report.applied, report.failed) == (3, 2, 1)


def test_a_candidate_is_logged_by_its_ids(protocol: Protocol, reader: Engine) -> None:
    dead, over, silent = protocol.granted("dead"), protocol.create("over"), protocol.create("silent")
    protocol.relay.run_once()
    protocol.later(RULES.lease + RULES.quarantine)
    protocol.sql("UPDATE clusters SET destroy_at = now() WHERE id = %s", over.cluster_id)
    with structlog.testing.capture_logs() as logged:
        for name in ("takeover", "expiry", "redispatch"):
            sweep(name, reader, protocol).run_once()
    keys = ("cluster_id", "job_id", "job_type", "correlation_id")
    told = {(line["sweep"], *(line.get(key) for key in keys)) for line in logged if line["event"] == "candidate asked"}
    assert told >= {
        ("takeover", dead.cluster_id, dead.job_id, "CREATE", "test"),
        ("expiry", over.cluster_id, None, None, None),
        ("redispatch", silent.cluster_id, silent.job_id, "CREATE", "test"),
    }
    assert not [line for line in logged if "candidate" in line]


def test_an_older_janitor_is_understood(protocol: Protocol) -> None:
    grant, over = protocol.granted("dead"), protocol.create("over")
    protocol.later(RULES.lease + RULES.quarantine)
    protocol.sql("UPDATE clusters SET destroy_at = now() WHERE id = %s", over.cluster_id)
    assert protocol.take_over(grant).applied
    assert protocol.take_over(grant).reason == "NOT_DEAD"
    assert protocol.expire(over.cluster_id).applied
    assert protocol.redispatch("job_unknown").reason == "UNKNOWN_JOB"
    assert not protocol.sweep(over.cluster_id).applied
    restored = pb.RestoreOwnerRequest(cluster_id=over.cluster_id)
    assert call(protocol.sweeps.RestoreOwner, restored, timeout=10).reason == "NOTHING_WRONG"


def test_a_sweep_that_this_scheduler_does_not_know_changes_nothing(protocol: Protocol) -> None:
    request = pb.ApplySweepRequest(sweep="of-tomorrow", cluster_id=protocol.create().cluster_id)
    answer = call(protocol.sweeps.ApplySweep, request, timeout=10)
    assert (answer.applied, answer.reason) == (False, "UNKNOWN_SWEEP")


def test_a_scheduler_that_is_away_is_counted_and_survived(protocol: Protocol, reader: Engine) -> None:
    protocol.create()
    protocol.sql("UPDATE clusters SET destroy_at = now()")
    protocol.server.stop(0)
    assert sweep("expiry", reader, protocol).run_once().failed == 1


# A janitor of its own process: counts once, and shows what it would be scraped for.
COPY = """
import sys
from ocpctl_common.store.engine import make_engine
from ocpctl_common.telemetry import metrics
from ocpctl_janitor.gauge import ClusterGauge
ClusterGauge(make_engine(sys.argv[1], pool_size=1, application_name="janitor")).run_once()
sys.stdout.write(metrics.exposed(metrics.registry(metrics.JANITOR)).decode())
"""
COUNTED = "SELECT platform, status, count(*) FROM clusters GROUP BY 1, 2"
Counts = dict[tuple[str, str], float]


def counts(exposition: str) -> Counts:
    """What an exposition says of clusters."""
    return {
        (sample.labels["platform"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
        if sample.name == "ocpctl_clusters_total"
    }


def test_the_documented_query_does_not_double_what_two_janitors_count(protocol: Protocol, database: Database) -> None:
    protocol.destroyed("gone")
    for name in ("a", "b"):
        protocol.create(name)
    command = [sys.executable, "-c", COPY, database.url("ocpctl_reader")]
    copies = [counts(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(2)]
    truth: Counts = {(platform, status): float(found) for platform, status, found in protocol.sql(COUNTED)}
    assert truth == {("aws", "PENDING"): 2, ("aws", "DESTROYED"): 1}
    assert sum(sum(copy.values()) for copy in copies) == 2 * sum(truth.values())
    assert {key: max(copy.get(key, 0) for copy in copies) for key in copies[0] | copies[1]} == truth
    told = (ROOT / "docs" / "operations.md").read_text()
    assert "sum by (status) (max by (platform, status) (ocpctl_clusters_total))" in told


def shown() -> Counts:
    return counts(metrics.exposed(metrics.registry(metrics.JANITOR)).decode())


def test_the_gauge_counts_what_is_gone_too_and_falls_to_zero(protocol: Protocol, reader: Engine) -> None:
    gauge = ClusterGauge(reader)
    grant = protocol.ready()
    assert gauge.run_once().found == 1
    assert shown() == {("aws", "READY"): 1}
    destroy = protocol.acquire(protocol.destroy(grant.cluster_id).job_id).grant
    protocol.verified(destroy, grant.attempt_id)
    protocol.report(destroy, "SUCCEEDED")
    gauge.run_once()
    assert shown() == {("aws", "READY"): 0, ("aws", "DESTROYED"): 1}


def test_a_janitor_that_cannot_count_tells_no_old_number(protocol: Protocol, reader: Engine) -> None:
    away = make_engine("postgresql://ocpctl_reader@127.0.0.1:1/none", pool_size=1, application_name="janitor")
    protocol.create()
    ClusterGauge(reader).run_once()
    with pytest.raises(Unavailable):
        ClusterGauge(away).run_once()
    assert shown() == {}


def test_what_is_gone_is_counted_from_an_index(protocol: Protocol) -> None:
    with protocol.engine.connect() as tx:
        tx.exec_driver_sql("SET enable_seqscan = off")
        plan = "\n".join(tx.exec_driver_sql(f"EXPLAIN {janitor.COUNTS.text}").scalars())
    assert "using clusters_gone" in plan
    assert "using clusters_by_status" in plan or "on clusters_by_status" in plan
