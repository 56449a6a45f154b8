"""A second destination beside job dispatch: independent, in order within a group, and nothing is lost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
import structlog
from ocpctl_common.errors import Unavailable
from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.messages import WIRE, encode
from ocpctl_common.store import outbox
from ocpctl_common.store.engine import transaction
from ocpctl_common.store.outbox import Destination, Envelope
from ocpctl_common.store.queries import janitor
from ocpctl_common.telemetry import metrics
from ocpctl_scheduler.job_metrics import watch_outbox
from ocpctl_scheduler.relay import BATCH, Pass, Relay, Route, job_routes
from pydantic import ConfigDict

from tests.conftest import Database
from tests.integration.protocol import MemoryQueue, Protocol
from tests.waiting import wait_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A kind of message that the product does not have."""

    KIND: ClassVar[str] = "notice"
    __pydantic_config__: ClassVar[ConfigDict] = WIRE

    cluster_id: ClusterId
    number: int


NOTICES = Destination(name="notices")
INSERT = """
INSERT INTO outbox (destination, kind, pool, group_id, dedup_id, body, attributes)
VALUES ('notices', %s, NULL, %s, %s, %s, '{}')
"""
LEFT = "SELECT count(*) FROM outbox WHERE published_at IS NULL"


@dataclass
class Notices:
    """Takes notices; is away, or refuses groups, when told to."""

    away: bool = False
    refuse: set[str] = field(default_factory=set)
    sent: list[Envelope] = field(default_factory=list)

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        if self.away:
            raise Unavailable("notices are away")
        taken = [one for one in envelopes if one.group_id not in self.refuse]
        self.sent += taken
        return [one.id for one in taken]

    def told(self, group: str) -> list[int]:
        """The numbers that a group was told."""
        return [one.message.number for one in self.sent if one.group_id == group and isinstance(one.message, Notice)]


class Bench:
    """A relay with the queues of job dispatch and with notices."""

    def __init__(self, database: Database) -> None:
        self.protocol = Protocol(database)
        self.jobs, self.notices = MemoryQueue(), Notices()
        self.relay = self.relay_of(self.jobs)

    def relay_of(self, jobs: Any, *, interval: float = 60) -> Relay:
        notices = Route(destination=NOTICES, kinds=(Notice,), publisher=self.notices)
        routes = [*job_routes(dict.fromkeys(Pool, jobs)), notices]
        return Relay(self.protocol.engine, routes, interval=interval, claim=30)

    def notice(self, group: str, number: int, *, kind: str = Notice.KIND, body: str | None = None) -> None:
        """Puts a notice into the outbox, or what pretends to be one."""
        written = encode(Notice(cluster_id=ClusterId(group), number=number)) if body is None else body
        self.protocol.sql(INSERT, kind, group, f"{kind}:{group}:{number}", written)

    def left(self) -> int:
        """Messages that are not published."""
        return int(self.protocol.sql(LEFT)[0][0])

    def all_sent(self) -> None:
        while self.relay.run_once().published:
            pass


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database)


def test_each_message_goes_to_its_destination_and_in_order(bench: Bench) -> None:
    made = [bench.protocol.create(name) for name in "ab"]
    for number in range(3):
        for one in made:
            bench.notice(f"cluster-{one.cluster_id}", number)
    bench.all_sent()
    assert {one.group_id for one in bench.jobs.sent} == {f"cluster-{one.cluster_id}" for one in made}
    assert [bench.notices.told(f"cluster-{one.cluster_id}") for one in made] == [[0, 1, 2]] * 2
    assert {one.destination for one in bench.notices.sent} == {NOTICES}
    assert bench.left() == 0


def test_one_that_is_away_holds_nothing_up_in_the_other(bench: Bench) -> None:
    bench.notices.away = True
    made = bench.protocol.create()
    for group in range(2 * BATCH):  # more groups than one claim takes
        bench.notice(f"g{group}", 0)
    bench.notice(f"cluster-{made.cluster_id}", 0)
    assert bench.relay.run_once().published == 1
    bench.protocol.destroy(made.cluster_id)
    assert bench.relay.run_once().published == 1
    assert [one.group_id for one in bench.jobs.sent] == [f"cluster-{made.cluster_id}"] * 2
    bench.notices.away = False
    bench.all_sent()
    assert (len(bench.notices.sent), bench.left()) == (2 * BATCH + 1, 0)


def test_job_dispatch_that_is_away_holds_no_notice_up(bench: Bench) -> None:
    class Away:
        def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
            raise Unavailable("the queue is away")

    made = bench.protocol.create()
    bench.notice(f"cluster-{made.cluster_id}", 0)
    assert bench.relay_of(Away()).run_once() == Pass(claimed=2, published=1)
    assert bench.notices.told(f"cluster-{made.cluster_id}") == [0]


def test_threads_of_the_relay_send_both(bench: Bench) -> None:
    relay = bench.relay_of(bench.jobs, interval=0.1)
    relay.start()
    try:
        bench.notice("g", 0)
        bench.protocol.create()
        relay.wake()
        wait_for(lambda: bench.notices.sent and bench.jobs.sent, 30, "a message in each")
        assert relay.is_alive()
    finally:
        relay.stop(30)


def test_a_refused_message_holds_up_its_group_alone_however_many_there_are(bench: Bench) -> None:
    poison = [f"poison-{number}" for number in range(2 * BATCH)]
    bench.notices.refuse = set(poison)
    for group in poison:
        bench.notice(group, 0)
        bench.notice(group, 1)
    bench.notice("good", 0)
    for _ in range(3):  # claims: ten that are refused, ten more, and then whoever waits behind them
        bench.relay.run_once()
    assert [one.group_id for one in bench.notices.sent] == ["good"]
    bench.notices.refuse = set()
    bench.all_sent()
    assert [bench.notices.told(group) for group in poison] == [[0, 1]] * len(poison)


def test_what_cannot_be_read_is_kept_told_and_holds_up_its_group_alone(bench: Bench) -> None:
    for number in range(2 * BATCH):
        bench.notice(f"poison-{number}", 0, body='{"number": "hunter2"}')
        bench.notice(f"poison-{number}", 1)
    bench.notice("good", 0)
    with structlog.testing.capture_logs() as logged:
        for _ in range(4):
            bench.relay.run_once()
    assert [one.group_id for one in bench.notices.sent] == ["good"]
    told = [line for line in logged if line["event"] == "message cannot be read"]
    assert len(told) == 2 * BATCH, "each is told once a claim"
    assert told[0]["problem"] == "no notice: clusterId: missing, number: int_parsing"
    assert bench.left() == 4 * BATCH
    mended = json.dumps({"clusterId": "x", "number": 0})
    bench.protocol.sql("UPDATE outbox SET body = %s, claimed_until = NULL WHERE dedup_id LIKE '%%:0'", mended)
    bench.all_sent()
    assert (bench.left(), bench.notices.told("poison-0")) == (0, [0, 1])


def test_a_kind_that_is_not_known_is_kept_and_told_and_sent_by_who_knows_it(bench: Bench) -> None:
    for number in range(2 * BATCH):
        bench.notice(f"new-{number}", 0, kind="of-tomorrow")
        bench.notice(f"new-{number}", 1)
    bench.notice("good", 0)
    bench.all_sent()
    assert [one.group_id for one in bench.notices.sent] == ["good"]
    with structlog.testing.capture_logs() as logged:
        bench.relay.tell_unknown()
    assert logged == [
        {
            "event": "messages without a route",
            "log_level": "error",
            "destination": "notices",
            "kind": "of-tomorrow",
            "waiting": 2 * BATCH,
        }
    ]
    bench.protocol.sql("UPDATE outbox SET kind = 'notice'")  # the newer version knows it
    bench.all_sent()
    assert (bench.left(), bench.notices.told("new-0")) == (0, [0, 1])


def test_a_destination_without_a_route_is_kept_and_told(bench: Bench) -> None:
    bench.notice("g", 0)
    older = bench.protocol.relay
    with structlog.testing.capture_logs() as logged:
        assert older.run_once() == Pass(claimed=0, published=0)
        older.tell_unknown()
    assert [(line["event"], line["destination"]) for line in logged] == [("messages without a route", "notices")]
    bench.all_sent()
    assert bench.notices.told("g") == [0]


def test_a_crash_between_sending_and_marking_repeats_and_keeps_the_order(bench: Bench) -> None:
    for number in range(2):
        bench.notice("g", number)
    with transaction(bench.protocol.engine) as tx:
        claim = outbox.claim(tx, NOTICES, [Notice], limit=BATCH, seconds=0.0)
    bench.notices.send_batch(claim.envelopes)  # and dies before it marks
    bench.all_sent()
    assert bench.notices.told("g") == [0, 0, 1]
    assert len({one.dedup_id for one in bench.notices.sent}) == 2
    assert bench.left() == 0


def test_a_notice_that_waits_does_not_keep_a_silent_job_from_being_rung(bench: Bench) -> None:
    made = bench.protocol.create()
    bench.notice(f"cluster-{made.cluster_id}", 0)
    bench.notices.away = True
    bench.relay.run_once()
    bench.protocol.later(3600)
    with transaction(bench.protocol.engine) as tx:
        silent = janitor.silent_jobs(tx, silence_seconds=300, limit=10)
    assert [one.job_id for one in silent] == [made.job_id]


def test_the_age_is_told_by_destination(bench: Bench) -> None:
    bench.notice("g", 0)
    bench.protocol.sql("UPDATE outbox SET created_at = now() - interval '1 hour'")
    watch_outbox(bench.protocol.engine, ["jobs", "notices"])
    shown = metrics.exposed(metrics.registry([metrics.outbox_oldest])).decode()
    lines = [line for line in shown.splitlines() if line.startswith("ocpctl_outbox_oldest")]
    assert [line.partition(" ")[0] for line in lines] == [
        f'ocpctl_outbox_oldest_unpublished_seconds{{destination="{name}"}}' for name in ("jobs", "notices")
    ]
    assert float(lines[0].split()[1]) == 0
    assert float(lines[1].split()[1]) >= 3600


# What a scheduler of before writes and asks, word for word.
OLD_INSERT = """
INSERT INTO outbox (pool, group_id, dedup_id, body, attributes) VALUES ('destroys', 'g', 'old', '{"jobId": "j"}', '{}')
"""
OLD_CLAIM = """
UPDATE outbox SET claimed_until = clock_timestamp() + make_interval(secs => 30)
WHERE id IN (
  SELECT o.id FROM outbox o
  WHERE o.pool = %s AND o.published_at IS NULL AND (o.claimed_until IS NULL OR o.claimed_until < clock_timestamp())
    AND NOT EXISTS (SELECT 1 FROM outbox h WHERE h.group_id = o.group_id AND h.pool = o.pool AND h.published_at IS NULL
                    AND h.id < o.id)
  ORDER BY o.id LIMIT 10 FOR UPDATE SKIP LOCKED)
RETURNING dedup_id
"""


def test_what_an_older_scheduler_writes_is_job_dispatch(bench: Bench) -> None:
    bench.protocol.sql(OLD_INSERT)
    bench.all_sent()
    assert [(one.dedup_id, str(one.destination)) for one in bench.jobs.sent] == [("old", "jobs-destroys")]


def test_an_older_relay_sends_no_message_of_another_destination(bench: Bench) -> None:
    made = bench.protocol.create()
    bench.notice(f"cluster-{made.cluster_id}", 0)
    claimed = [row for pool in Pool for row in bench.protocol.sql(OLD_CLAIM, pool)]
    assert claimed == [(f"job:{made.job_id}:1",)]
    bench.all_sent()
    assert bench.notices.told(f"cluster-{made.cluster_id}") == [0]
