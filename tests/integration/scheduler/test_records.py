"""Usage, orphans and logs: what the scheduler records, asked by real stubs on a real database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl_common.errors import Fenced, Refused, Unavailable
from ocpctl_common.providers.aws.resources.thing import from_arn
from ocpctl_common.providers.cloud import Tagged
from ocpctl_common.providers.registry import Clouds
from ocpctl_common.rpc.client import call
from ocpctl_common.store import usage as usage_samples
from ocpctl_common.store.engine import autocommit, make_engine, transaction
from ocpctl_common.store.job_logs import prune
from ocpctl_common.store.queries import job_logs, orphans, usage
from ocpctl_common.store.queries.usage import Group
from ocpctl_janitor.orphans.sweep import OrphanSweep
from ocpctl_janitor.usage import UsageSampler
from sqlalchemy import Engine

from tests.conftest import Database
from tests.integration.protocol import ACCOUNT, Protocol

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


@pytest.fixture
def reader(database: Database) -> Engine:
    return make_engine(database.url("ocpctl_reader"), pool_size=4, application_name="janitor")


def history(protocol: Protocol, cluster_id: str, *steps: tuple[str, datetime], price: int = 3_600_000) -> None:
    """Rewrites when a cluster became what, as if it had happened at these times."""
    with psycopg.connect(protocol.database.url("postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit_events WHERE target_cluster_id = %s", [cluster_id])
        for number, (status, time) in enumerate(steps):
            connection.execute(
                """INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, created_at,
                   previous_hash, hash) VALUES (%s, %s, 'a', 'b', 'ALLOWED', %s, %s, '', '')""",
                [f"{cluster_id}-{number}", cluster_id, status, time],
            )
        last, end = steps[-1]
        gone = end if last == "DESTROYED" else None
        connection.execute(
            """UPDATE clusters SET created_at = %s, updated_at = %s, status = %s, destroyed_at = %s,
               name_released_at = %s, hourly_cost_micros = %s WHERE id = %s""",
            [steps[0][1], end, last, gone, gone, price, cluster_id],
        )


def sample_from(protocol: Protocol, begin: datetime, *, hours: int, janitors: int = 1) -> None:
    """Samples hour by hour from a time on, as if no janitor had come by until now."""
    protocol.sql("UPDATE usage_mark SET sampled_until = %s", begin)
    for _ in range(hours * janitors):
        call(protocol.sweeps.SampleUsage, pb.SampleUsageRequest(interval_seconds=300), timeout=20)


def test_usage_follows_the_status_history_also_after_an_outage(protocol: Protocol, reader: Engine) -> None:
    """40 minutes from CREATING to DESTROYED are eight samples, although all of it is over when sampling begins."""
    cluster_id = protocol.create().cluster_id
    steps = (
        ("PENDING", NOON),
        ("CREATING", NOON + timedelta(minutes=12)),
        ("READY", NOON + timedelta(minutes=32)),
        ("DESTROYING", NOON + timedelta(minutes=42)),
        ("DESTROYED", NOON + timedelta(minutes=52)),
    )
    history(protocol, cluster_id, *steps)
    sample_from(protocol, NOON - timedelta(minutes=30), hours=3)
    with autocommit(reader) as tx:
        [row] = usage.usage(tx, Group.TEAM, begin=NOON, end=NOON + timedelta(days=1), known=usage.sampled_until(tx))
    assert (row.key, row.clusters, row.seconds, row.cost_micros) == ("t", 1, 8 * 300, 8 * 300_000)
    statuses = protocol.sql("SELECT DISTINCT status FROM usage_samples ORDER BY 1")
    assert statuses == [("CREATING",), ("DESTROYING",), ("READY",)]


def test_nothing_is_billed_twice(protocol: Protocol) -> None:
    cluster_id = protocol.create().cluster_id
    history(protocol, cluster_id, ("CREATING", NOON), ("READY", NOON + timedelta(minutes=1)))
    sample_from(protocol, NOON, hours=2)
    once = protocol.sql("SELECT count(*) FROM usage_samples")
    sample_from(protocol, NOON, hours=2)
    assert protocol.sql("SELECT count(*) FROM usage_samples") == once == [(24,)]


SPANS = [
    (timedelta(hours=a), timedelta(hours=b))
    for a in (-30, -13, -12, 0, 1, 12, 13, 30, 36, 47)
    for b in (-13, -12, -1, 0, 3, 11.99, 12, 12.01, 35, 36, 60, 100)
    if a < b
]


def test_a_report_is_the_sum_of_the_samples_wherever_it_begins_and_ends(protocol: Protocol, reader: Engine) -> None:
    """Most of it is read from sums of whole days."""
    for name in ("one", "two"):
        steps = (("CREATING", NOON), ("READY", NOON + timedelta(minutes=7)), ("DESTROYED", NOON + timedelta(hours=39)))
        history(protocol, protocol.create(name).cluster_id, *steps, price=3_600_001)
    sample_from(protocol, NOON - timedelta(hours=1), hours=45)
    samples = "SELECT coalesce(sum(seconds), 0) FROM usage_samples WHERE sample_time >= %s AND sample_time < %s"
    for begin, end in SPANS:
        with autocommit(reader) as tx:
            found = usage.usage(tx, Group.TEAM, begin=NOON + begin, end=NOON + end, known=usage.sampled_until(tx))
        [(seconds,)] = protocol.sql(samples, NOON + begin, NOON + end)
        assert sum(row.seconds for row in found) == seconds, (begin, end)
        assert sum(row.cost_micros for row in found) == pytest.approx(seconds * 3_600_001 / 3600, abs=1)
        assert [row.clusters for row in found] == ([2] if seconds else [])


def test_days_stay_when_their_samples_are_dropped(protocol: Protocol, reader: Engine) -> None:
    """What is asked of them then counts as whole days."""
    history(protocol, protocol.create().cluster_id, ("READY", NOON), ("DESTROYED", NOON + timedelta(hours=30)))
    sample_from(protocol, NOON - timedelta(hours=1), hours=34)
    before = protocol.sql("SELECT * FROM usage_days ORDER BY day")
    with transaction(protocol.engine) as tx:
        assert usage_samples.prune(tx, days=1, limit=100) == 100
        assert usage_samples.prune(tx, days=1, limit=1000) == 260
    assert protocol.sql("SELECT * FROM usage_days ORDER BY day") == before
    with autocommit(reader) as tx:
        whole = usage.usage(tx, Group.TEAM, begin=NOON, end=NOON + timedelta(hours=2), known=usage.sampled_until(tx))
        nothing = usage.usage(
            tx, Group.TEAM, begin=NOON - timedelta(days=9), end=NOON - timedelta(days=8), known=usage.sampled_until(tx)
        )
    assert [row.seconds for row in whole] == [12 * 3600]
    assert nothing == []


def test_samples_of_a_day_that_is_kept_in_part_are_kept(protocol: Protocol) -> None:
    midnight = datetime.now(tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    history(protocol, protocol.create().cluster_id, ("READY", midnight - timedelta(hours=2)))
    sample_from(protocol, midnight - timedelta(hours=2), hours=4)
    with transaction(protocol.engine) as tx:
        usage_samples.prune(tx, days=3, limit=1000)
    assert protocol.sql("SELECT min(sample_time) FROM usage_samples") == [(midnight,)]


@pytest.mark.parametrize("end", ["PENDING", "FAILED"])
def test_what_costs_nothing_is_not_billed(protocol: Protocol, end: str) -> None:
    cluster_id = protocol.create().cluster_id
    history(protocol, cluster_id, ("PENDING", NOON), (end, NOON + timedelta(minutes=1)))
    sample_from(protocol, NOON, hours=1)
    assert protocol.sql("SELECT count(*) FROM usage_samples") == [(0,)]


def test_the_sampler_catches_up_and_then_waits(protocol: Protocol) -> None:
    now = datetime.now(tz=UTC)
    history(protocol, protocol.create().cluster_id, ("READY", now - timedelta(hours=5)))
    protocol.sql("UPDATE usage_mark SET sampled_until = %s", now - timedelta(hours=5))
    sampler = UsageSampler(protocol.sweeps, interval_seconds=300)
    assert sampler.run_once().applied in (59, 60), "as many points of the grid as five hours have, less the lag"
    assert sampler.run_once().applied <= 1, "only a point that has come by meanwhile"


def lines(reader: Engine, job_id: str, after: int = 0) -> list[tuple[int, str]]:
    with autocommit(reader) as tx:
        return [(line.fence, line.line) for line in job_logs.lines(tx, job_id, after=after, limit=100)]


def append(
    protocol: Protocol, grant: lease_pb.Grant, first: int, words: Sequence[str], runner: str = "runner-1"
) -> None:
    request = lease_pb.AppendLogRequest(
        cluster_id=grant.cluster_id,
        fence=grant.fence,
        runner_id=runner,
        attempt_id=grant.attempt_id,
        first_number=first,
        lines=words,
    )
    call(protocol.leases.AppendLog, request, timeout=10)


def test_lines_come_in_order_over_attempts_and_never_twice(protocol: Protocol, reader: Engine) -> None:
    first = protocol.granted()
    append(protocol, first, 1, ["a", "b"])
    append(protocol, first, 1, ["a", "b", "c"])  # the reply was lost, and more was said meanwhile
    protocol.report(first, "INTERRUPTED")
    protocol.sql("UPDATE jobs SET run_after = now()")
    second = protocol.acquire(first.job_id, runner="runner-2").grant
    append(protocol, second, 1, ["d"], "runner-2")
    told = lines(reader, first.job_id)
    assert told == [(first.fence, "a"), (first.fence, "b"), (first.fence, "c"), (second.fence, "d")]
    assert second.fence > first.fence
    with autocommit(reader) as tx:
        tail = job_logs.before_tail(tx, first.job_id, after=0, tail=2)
    assert lines(reader, first.job_id, tail) == told[-2:]


def test_who_has_lost_the_lease_says_nothing_more(protocol: Protocol, reader: Engine) -> None:
    grant = protocol.granted()
    with pytest.raises(Fenced):
        append(protocol, grant, 1, ["x"], "runner-2")
    grant.attempt_id = "att_01ARZ3NDEKTSV4RRFFQ69G5FAV"
    with pytest.raises(Refused):
        append(protocol, grant, 1, ["x"])
    assert lines(reader, grant.job_id) == []


def test_old_lines_are_dropped(protocol: Protocol) -> None:
    grant = protocol.granted()
    append(protocol, grant, 1, ["old"])
    append(protocol, grant, 2, ["new"])
    protocol.sql("UPDATE job_log_lines SET created_at = now() - interval '8 days' WHERE line = 'old'")
    with transaction(protocol.engine) as tx:
        assert prune(tx, days=7, limit=10) == 1


class Search:
    """A cloud that says what it is told to."""

    def __init__(self, *things: Tagged) -> None:
        self.things = list(things)
        self.away: set[str] = set()
        self.dead: set[str] = set()
        self.enabled = ["us-east-1"]
        self.always = {"us-east-1"}

    def regions(self) -> list[str]:
        if "regions" in self.away:
            raise Unavailable("away")
        return self.enabled

    def infra_ids(self, region: str) -> list[str]:
        return sorted({one.infra_id for one in self.things if one.infra_id})

    def resources(self, account: str, region: str, infra_ids: Sequence[str]) -> list[Tagged]:
        if region in self.away:
            raise Unavailable("away")
        here = [one for one in self.things if one.thing.region == region]
        return [one for one in here if one.ours or one.infra_id in infra_ids]

    def exists(self, found: Tagged) -> bool:
        return found.arn.rpartition("/")[2] not in self.dead


def thing(
    name: str, infra_id: str = "", attempt_id: str = "", *, ours: bool = True, region: str = "us-east-1"
) -> Tagged:
    arn = f"arn:aws:ec2:{region}:{ACCOUNT}:volume/{name}"
    itself = from_arn(arn, region, {})
    return Tagged(arn=arn, kind=itself.kind, infra_id=infra_id, attempt_id=attempt_id, ours=ours, thing=itself)


def swept(
    protocol: Protocol, reader: Engine, search: Search, *, grace: float = 0, apart: float = 0
) -> tuple[int, int, int]:
    cloud: Any = SimpleNamespace(account=SimpleNamespace(ask=lambda: ACCOUNT), orphans=search)
    clouds = Clouds({"aws": cloud})
    sweep = OrphanSweep(reader, protocol.sweeps, clouds, grace_seconds=grace, apart_seconds=apart)
    report = sweep.run_once()
    return report.found, report.applied, report.failed


def found(reader: Engine, *, include_resolved: bool = False) -> list[str]:
    with autocommit(reader) as tx:
        page = orphans.page(tx, include_resolved=include_resolved, before=0, limit=10)
    return sorted(one.resource_arn.rpartition("/")[2] for one in page)


def test_what_lives_is_no_orphan_and_what_is_gone_is(protocol: Protocol, reader: Engine) -> None:
    living, gone = protocol.granted("living"), protocol.destroyed("gone")
    protocol.authorize(living, infra_id="living-aaaaa")
    infra_of_gone = f"one-{gone.attempt_id[-5:]}"
    search = Search(
        thing("of-living", "living-aaaaa"),
        thing("of-living-untagged", "living-aaaaa", ours=False),
        thing("by-attempt", attempt_id=living.attempt_id),
        thing("of-gone", infra_of_gone),
        thing("of-gone-untagged", infra_of_gone, ours=False),
        thing("of-nobody", "never-bbbbb"),
        thing("of-others", "others-ccccc", ours=False),
    )
    assert swept(protocol, reader, search, grace=3600)[0] == 1, "what was proven gone just now may still be listed"
    assert found(reader) == ["of-nobody"]
    assert swept(protocol, reader, search) == (3, 2, 0)
    assert found(reader) == ["of-gone", "of-gone-untagged", "of-nobody"]
    assert swept(protocol, reader, search) == (3, 0, 0)
    search.things = [one for one in search.things if "of-gone" not in one.arn]
    assert swept(protocol, reader, search) == (3, 0, 0), "one pass that misses something proves nothing"
    assert swept(protocol, reader, search) == (1, 0, 0)
    assert (found(reader), len(found(reader, include_resolved=True))) == (["of-nobody"], 3)
    audited = "SELECT count(*) FROM audit_events WHERE action = 'ORPHANS_FOUND'"
    assert protocol.sql(audited) == [(2,)]


def test_a_region_that_does_not_answer_resolves_nothing(protocol: Protocol, reader: Engine) -> None:
    search = Search(thing("of-nobody", "never-bbbbb"))
    swept(protocol, reader, search)
    search.things, search.away = [], {"us-east-1"}
    assert swept(protocol, reader, search)[2] == 1
    assert found(reader) == ["of-nobody"]


def ages(protocol: Protocol) -> list[tuple[str, bool, bool]]:
    return protocol.sql(
        "SELECT reverse(split_part(reverse(resource_arn), '/', 1)), first_seen_at < last_seen_at, "
        "resolved_at IS NOT NULL FROM orphans ORDER BY 1"
    )


def test_an_orphan_that_one_look_missed_keeps_its_age_and_is_told_once(protocol: Protocol, reader: Engine) -> None:
    search = Search(thing("blinking", "never-bbbbb"))
    assert swept(protocol, reader, search) == (1, 1, 0)
    for _ in range(5):
        search.things, there = [], search.things
        assert swept(protocol, reader, search) == (1, 0, 0)
        search.things = there
        assert swept(protocol, reader, search) == (1, 0, 0)
    assert ages(protocol) == [("blinking", True, False)]
    assert protocol.sql("SELECT count(*) FROM audit_events WHERE action = 'ORPHANS_FOUND'") == [(1,)]


def test_two_looks_at_once_are_one_look(protocol: Protocol, reader: Engine) -> None:
    search = Search(thing("of-nobody", "never-bbbbb"))
    swept(protocol, reader, search)
    search.things = []
    for _ in range(3):
        assert swept(protocol, reader, search, apart=60) == (1, 0, 0)
    protocol.sql("UPDATE orphans SET missed_at = missed_at - interval '60 seconds' RETURNING id")
    assert swept(protocol, reader, search, apart=60) == (0, 0, 0)


def test_what_comes_back_after_two_looks_is_new(protocol: Protocol, reader: Engine) -> None:
    search = Search(thing("of-nobody", "never-bbbbb"))
    swept(protocol, reader, search)
    search.things, there = [], search.things
    swept(protocol, reader, search)
    assert swept(protocol, reader, search) == (0, 0, 0)
    search.things = there
    assert swept(protocol, reader, search) == (1, 1, 0)


def test_what_is_listed_after_its_death_is_no_orphan(protocol: Protocol, reader: Engine) -> None:
    search = Search(thing("listed", "never-bbbbb"), thing("there", "never-bbbbb"))
    search.dead = {"listed"}
    assert swept(protocol, reader, search) == (1, 1, 0)
    assert found(reader) == ["there"]


def test_every_enabled_region_is_looked_into_and_one_that_fails_stops_no_other(
    protocol: Protocol, reader: Engine
) -> None:
    search = Search(thing("afar", "never-bbbbb", region="eu-north-1"), thing("near", "never-bbbbb"))
    search.enabled = ["eu-north-1", "eu-west-1", "us-east-1"]
    search.away = {"eu-west-1"}
    assert swept(protocol, reader, search) == (2, 2, 1)
    assert found(reader) == ["afar", "near"]
    search.away = {"regions"}
    assert swept(protocol, reader, search)[2] == 1, "the used regions must do, and the pass says that it was not whole"
