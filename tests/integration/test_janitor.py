"""The janitor's sweeps on a real database, asking a real scheduler."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl_common.errors import Unavailable
from ocpctl_common.store import candidates
from ocpctl_common.store.engine import Transaction, make_engine
from ocpctl_janitor.sweeps import ClusterGauge, Sweep, expiries, rings, take_overs
from sqlalchemy import Engine

from tests.conftest import Database
from tests.integration.protocol import RULES, Protocol


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture
def reader(database: Database) -> Engine:
    return make_engine(database.url("ocpctl_reader"), pool_size=4, application_name="janitor")


def test_a_dead_lease_is_taken_over_once_by_two_janitors(protocol: Protocol, reader: Engine) -> None:
    grant = protocol.granted()
    sweeps = [take_overs(reader, protocol.sweeps, batch=10) for _ in range(2)]
    assert sweeps[0].run_once().found == 0
    protocol.later(RULES.lease + RULES.quarantine)
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda sweep: sweep.run_once(), sweeps))
    assert sum(report.applied for report in reports) == 1
    assert protocol.job_status(grant.job_id) == "RETRYING"


def test_what_is_over_is_destroyed_once(protocol: Protocol, reader: Engine) -> None:
    over, fresh = protocol.create("over").cluster_id, protocol.create("fresh").cluster_id
    protocol.sql("UPDATE clusters SET destroy_at = now() WHERE id = %s", over)
    sweep = expiries(reader, protocol.sweeps, batch=10)
    assert sweep.run_once().applied == 1
    assert sweep.run_once().found == 0
    assert (protocol.status(over), protocol.status(fresh)) == ("DESTROYING", "PENDING")


def test_a_lost_doorbell_is_rung_again_after_the_silence(protocol: Protocol, reader: Engine) -> None:
    job_id = protocol.create().job_id
    assert rings(reader, protocol.sweeps, silence=0, batch=10).run_once().found == 0  # the outbox has it still
    protocol.relay.run_once()
    protocol.queue.sent.clear()  # the queue was purged
    assert rings(reader, protocol.sweeps, silence=300, batch=10).run_once().found == 0
    assert rings(reader, protocol.sweeps, silence=0, batch=10).run_once().applied == 1
    protocol.relay.run_once()
    assert [bell.dedup_id for bell in protocol.queue.sent] == [f"job:{job_id}:2"]
    assert protocol.acquire(job_id).grant.job_id == job_id


def test_the_end_of_a_pause_is_rung_at_once(protocol: Protocol, reader: Engine) -> None:
    grant = protocol.granted()
    protocol.relay.run_once()
    protocol.report(grant, "FAILED", "BOOTSTRAP")
    protocol.later(2 * RULES.backoff_unit)
    assert rings(reader, protocol.sweeps, silence=300, batch=10).run_once().applied == 1
    assert rings(reader, protocol.sweeps, silence=300, batch=10).run_once().found == 0


def test_a_held_lease_is_not_rung(protocol: Protocol, reader: Engine) -> None:
    protocol.granted()
    protocol.relay.run_once()
    assert rings(reader, protocol.sweeps, silence=0, batch=10).run_once().found == 0


def test_one_candidate_that_fails_does_not_stop_the_others(protocol: Protocol, reader: Engine) -> None:
    for name in ("a", "b", "c"):
        protocol.create(name)
    protocol.sql("UPDATE clusters SET destroy_at = now()")
    asked: list[str] = []

    def ask(cluster_id: str) -> pb.SweepResponse:
        asked.append(cluster_id)
        if len(asked) == 1:
            raise Unavailable("away")
        return pb.SweepResponse(applied=True)

    def find(tx: Transaction) -> list[str]:
        return [str(found) for found in candidates.expired_clusters(tx, most=10)]

    report = Sweep("test", reader, find, ask, batch=10).run_once()
    assert (report.found, report.applied, report.failed) == (3, 2, 1)


def test_a_scheduler_that_is_away_is_counted_and_survived(protocol: Protocol, reader: Engine) -> None:
    protocol.create()
    protocol.sql("UPDATE clusters SET destroy_at = now()")
    protocol.server.stop(0)
    assert expiries(reader, protocol.sweeps, batch=10).run_once().failed == 1


def test_the_gauge_counts(protocol: Protocol, reader: Engine) -> None:
    protocol.create()
    assert ClusterGauge(reader).run_once().found == 1
