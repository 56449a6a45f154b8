"""No state without an owner: each rule is seen when it is broken, and repaired under the cluster's lock."""

from collections.abc import Callable

import pytest
from ocpctl_common.store.engine import autocommit, make_engine
from ocpctl_common.store.queries import invariants
from ocpctl_common.telemetry import metrics
from ocpctl_scheduler.reconcile import REPAIRS
from sqlalchemy import Engine

from tests.conftest import Database
from tests.integration.janitor_sweeps import sweep
from tests.integration.protocol import RULES, Protocol

END = "UPDATE jobs SET status = 'SUCCEEDED', ended_at = now() WHERE status IN ('PENDING','RUNNING','RETRYING')"
FREE = """UPDATE job_locks SET job_id = NULL, attempt_id = NULL, locked_by = NULL, acquire_token = NULL,
          locked_at = NULL, renewed_at = NULL, expires_at = NULL"""


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture
def reader(database: Database) -> Engine:
    return make_engine(database.url("ocpctl_reader"), pool_size=2, application_name="janitor")


def broken(reader: Engine) -> set[str]:
    with autocommit(reader) as tx:
        return {breach.invariant for breach in invariants.breaches(tx)}


def destroying(protocol: Protocol) -> str:
    cluster_id = protocol.ready().cluster_id
    protocol.destroy(cluster_id)
    protocol.sql(END)
    return cluster_id


def pending(protocol: Protocol) -> str:
    cluster_id = protocol.create().cluster_id
    protocol.sql(END)
    return cluster_id


def scaling(protocol: Protocol) -> str:
    cluster_id = protocol.ready().cluster_id
    protocol.scale(cluster_id)
    protocol.sql(END)
    return cluster_id


def remains_beside_a_living_cluster(protocol: Protocol) -> str:
    first = protocol.granted()
    protocol.authorize(first)
    protocol.verified(first, first.attempt_id)
    protocol.report(first, "FAILED", "BOOTSTRAP")
    protocol.later(2 * RULES.backoff_unit)
    second = protocol.acquire(first.job_id).grant
    protocol.authorize(second)
    protocol.report(second, "SUCCEEDED")
    protocol.sql(
        "UPDATE attempts SET cleanup = 'REQUIRED', verified_at = NULL, resweep_due_at = NULL, incident_at = now()"
        " WHERE id = %s",
        first.attempt_id,
    )
    return first.cluster_id


def destroyed_with_remains(protocol: Protocol) -> str:
    cluster_id = protocol.destroyed().cluster_id
    protocol.sql(
        "UPDATE attempts SET cleanup = 'REQUIRED', verified_at = NULL, resweep_due_at = NULL WHERE cleanup = 'VERIFIED'"
    )
    return cluster_id


def lease_of_an_ended_job(protocol: Protocol) -> str:
    cluster_id = protocol.granted().cluster_id
    protocol.sql(END)
    protocol.later(RULES.lease + RULES.quarantine)
    return cluster_id


def running_without_a_lease(protocol: Protocol) -> str:
    cluster_id = protocol.granted().cluster_id
    protocol.sql(FREE)
    return cluster_id


# What is wrong, and how the cluster stands when nothing is any more.
CASES = {
    "DESTROYING_HAS_JOB": (destroying, "DESTROYING"),
    "WORK_HAS_JOB": (pending, "FAILED"),
    "WORK_HAS_JOB (scaling)": (scaling, "READY"),
    "REMAINS_HAVE_OWNER": (remains_beside_a_living_cluster, "READY"),
    "GONE_HAS_NOTHING_LEFT": (destroyed_with_remains, "DESTROYING"),
    "LEASE_HAS_RUNNING_JOB": (lease_of_an_ended_job, "FAILED"),
    "RUNNING_JOB_HAS_LEASE": (running_without_a_lease, "PENDING"),
    "RUNNING_ATTEMPT_HAS_LEASE": (running_without_a_lease, "PENDING"),
}


def test_every_rule_has_a_case_and_a_repair() -> None:
    names = {rule.name for rule in invariants.INVARIANTS}
    assert {case.partition(" ")[0] for case in CASES} == names == set(REPAIRS)


@pytest.mark.parametrize("case", CASES)
def test_what_has_no_owner_is_seen_told_and_repaired(protocol: Protocol, reader: Engine, case: str) -> None:
    make, status = CASES[case]
    rule = case.partition(" ")[0]
    cluster_id = make(protocol)
    owners = sweep("reconcile", reader, protocol)
    assert rule in broken(reader)
    passes = 0
    while broken(reader) and passes < len(CASES):
        assert owners.run_once().applied == 1
        passes += 1
    assert broken(reader) == set()
    assert protocol.status(cluster_id) == status
    repairs = "SELECT reason FROM audit_events WHERE action = 'OWNER_RESTORED' AND target_cluster_id = %s"
    assert len(protocol.sql(repairs, cluster_id)) == passes
    assert protocol.sql("SELECT count(*) FROM audit_breaks") == [(0,)]
    assert owners.run_once().found == 0
    assert metrics.states_without_owner.labels(invariant=rule)._value.get() == 0


def test_the_gauge_tells_what_is_wrong(protocol: Protocol, reader: Engine) -> None:
    destroying(protocol)
    sweep("reconcile", reader, protocol).run_once()
    assert metrics.states_without_owner.labels(invariant="DESTROYING_HAS_JOB")._value.get() == 1
    assert metrics.states_without_owner.labels(invariant="WORK_HAS_JOB")._value.get() == 0


def test_a_destroy_that_was_given_back_ends(protocol: Protocol, reader: Engine) -> None:
    cluster_id = destroying(protocol)
    sweep("reconcile", reader, protocol).run_once()
    [(job_id,)] = protocol.sql("SELECT id FROM jobs WHERE job_type = 'JANITOR_DESTROY'")
    grant = protocol.acquire(job_id).grant
    for needing_cleanup in grant.needing_cleanup:
        protocol.verified(grant, needing_cleanup.attempt_id)
    protocol.report(grant, "SUCCEEDED")
    assert protocol.status(cluster_id) == "DESTROYED"


def test_a_lease_whose_holder_may_live_is_left_alone(protocol: Protocol, reader: Engine) -> None:
    protocol.granted()
    protocol.sql(END)
    assert broken(reader) >= {"LEASE_HAS_RUNNING_JOB"}
    sweep("reconcile", reader, protocol).run_once()
    assert protocol.sql("SELECT locked_by FROM job_locks") == [("runner-1",)]


LIVES: tuple[Callable[[Protocol], object], ...] = (
    Protocol.ready,
    Protocol.destroyed,
    Protocol.granted,
    Protocol.create,
)


@pytest.mark.parametrize("life", LIVES)
def test_ordinary_lives_break_no_rule(protocol: Protocol, reader: Engine, life: Callable[[Protocol], object]) -> None:
    life(protocol)
    assert broken(reader) == set()
    assert sweep("reconcile", reader, protocol).run_once().found == 0
