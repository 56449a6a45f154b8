"""When a cluster will be ready: from the history of its profile, and unknown where there is none."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.queries import details
from sqlalchemy import Engine, text

from tests.conftest import Database
from tests.integration.protocol import Protocol

PAST = """UPDATE clusters SET status = 'READY', created_at = now() - interval '1 day',
          ready_at = now() - interval '1 day' + make_interval(mins => %s) WHERE id = %s"""


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture
def reader(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.url("ocpctl_reader"), pool_size=1, application_name="estimates")
    yield engine
    engine.dispose()


def history(protocol: Protocol, *minutes: float) -> None:
    for number, took in enumerate(minutes):
        protocol.sql(PAST, took, protocol.create(f"past-{number}").cluster_id)


def estimate(protocol: Protocol, reader: Engine, since_minutes: float, status: str = "CREATING") -> timedelta | None:
    """Of a cluster that was asked for so long ago, counted from then."""
    made = protocol.create("now")
    protocol.sql(
        "UPDATE clusters SET status = %s, created_at = now() - make_interval(secs => %s) WHERE id = %s",
        status, 60 * since_minutes, made.cluster_id,
    )  # fmt: skip
    with reader.connect() as tx:
        view, job = details.cluster(tx, made.cluster_id), details.job(tx, made.job_id)
    assert view is not None
    assert job is not None
    assert view.job is not None
    assert view.estimated_ready_at == job.estimated_ready_at == view.job.estimated_ready_at
    return view.estimated_ready_at - view.created_at if view.estimated_ready_at else None


def test_without_a_history_nothing_is_said(protocol: Protocol, reader: Engine) -> None:
    history(protocol, 40, 41)
    assert estimate(protocol, reader, 5) is None


# Percentiles lie between the values: nine tenths of the way from the first to the fifth is 54.
@pytest.mark.parametrize(("since", "minutes"), [(0, 40), (39, 40), (41, 54), (53, 54), (55, None)])
def test_half_then_nine_of_ten_then_nothing(
    protocol: Protocol, reader: Engine, since: float, minutes: float | None
) -> None:
    history(protocol, 30, 35, 40, 45, 60)
    assert estimate(protocol, reader, since) == (None if minutes is None else timedelta(minutes=minutes))


def test_a_cluster_that_is_not_being_made_has_none(protocol: Protocol, reader: Engine) -> None:
    history(protocol, 40, 40, 40)
    made = protocol.create("now")
    protocol.sql("UPDATE clusters SET status = 'READY' WHERE id = %s", made.cluster_id)
    with reader.connect() as tx:
        view = details.cluster(tx, made.cluster_id)
    assert view is not None
    assert view.estimated_ready_at is None


def test_another_profile_is_no_history(protocol: Protocol, reader: Engine) -> None:
    history(protocol, 40, 40, 40)
    protocol.sql("UPDATE clusters SET spec = jsonb_set(spec, '{profile}', '\"other\"') WHERE name LIKE 'past-%%'")
    assert estimate(protocol, reader, 1) is None


def test_the_index_serves_it(database: Database, reader: Engine) -> None:
    with reader.connect() as tx:
        tx.execute(text("SET enable_seqscan = off"))
        plan = "\n".join(tx.execute(text(f"EXPLAIN {details.ESTIMATE.text}"), {"id": "x"}).scalars())
    assert "clusters_ready_times" in plan
