"""The outbox: order within a cluster, nothing lost, duplicates only."""

import threading
from collections.abc import Sequence

from ocpctl_common.errors import Unavailable
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.messages import JobDispatch
from ocpctl_common.store import jobs, outbox
from ocpctl_common.store.engine import transaction
from ocpctl_common.store.outbox import JOBS, Destination, Envelope
from ocpctl_scheduler.relay import BATCH, Pass, Relay, job_routes

from tests.conftest import Database
from tests.integration.protocol import RULES, MemoryQueue, Protocol
from tests.waiting import wait_for

CREATES = Destination(name=JOBS, pool=Pool.CREATES)


def test_every_dispatch_is_sent_once_and_in_order(database: Database) -> None:
    protocol = Protocol(database)
    ids = [protocol.create(f"c{number}").cluster_id for number in range(25)]
    for cluster_id in ids:
        protocol.destroy(cluster_id)
    while protocol.relay.run_once().claimed:
        pass
    sent = protocol.queue.sent
    assert len(sent) == 50
    for cluster_id in ids:
        own = [dispatch.id for dispatch in sent if dispatch.group_id == f"cluster-{cluster_id}"]
        assert own == sorted(own)
        assert len(own) == 2
    assert {dispatch.dedup_id for dispatch in sent} == {
        f"job:{row[0]}:1" for row in protocol.sql("SELECT id FROM jobs")
    }


def test_a_refused_group_blocks_only_itself(database: Database) -> None:
    protocol = Protocol(database)
    poison, good = protocol.create("poison").cluster_id, protocol.create("good").cluster_id
    protocol.destroy(poison)
    protocol.queue.refuse.add(f"cluster-{poison}")
    protocol.relay.run_once()
    protocol.relay.run_once()
    assert [dispatch.group_id for dispatch in protocol.queue.sent] == [f"cluster-{good}"]
    protocol.queue.refuse.clear()
    while protocol.relay.run_once().claimed:
        pass
    assert [dispatch.group_id for dispatch in protocol.queue.sent[1:]] == [f"cluster-{poison}"] * 2


def test_a_claim_of_a_dead_relay_comes_back(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create()
    with transaction(protocol.engine) as tx:
        claim = outbox.claim(tx, CREATES, [JobDispatch], limit=10, seconds=0.0)
        assert len(claim.envelopes) == 1  # and dies before sending
    assert protocol.relay.run_once().published == 1


def test_a_younger_row_waits_for_a_claimed_older_one_of_its_pool_only(database: Database) -> None:
    protocol = Protocol(database)
    made = protocol.create()
    with transaction(protocol.engine) as tx:
        assert len(outbox.claim(tx, CREATES, [JobDispatch], limit=10, seconds=60).envelopes) == 1
    with transaction(protocol.engine) as tx:
        outbox.redispatch(tx, jobs.get(tx, JobId(made.job_id)))
    assert protocol.relay.run_once().claimed == 0
    protocol.destroy(made.cluster_id)
    assert protocol.relay.run_once().claimed == 1


def pools(protocol: Protocol) -> list[str]:
    """Of all dispatches that were sent."""
    while protocol.relay.run_once().claimed:
        pass
    return sorted(str(dispatch.destination.pool) for dispatch in protocol.queue.sent)


def test_what_ends_cost_has_a_queue_of_its_own(database: Database) -> None:
    protocol = Protocol(database)
    ready = protocol.ready()
    protocol.scale(ready.cluster_id, 3)
    protocol.destroy(ready.cluster_id)
    assert pools(protocol) == ["creates", "creates", "destroys"]


def test_the_clean_up_of_a_create_that_was_given_up_waits_behind_no_create(database: Database) -> None:
    protocol = Protocol(database)
    grant = protocol.granted()
    protocol.authorize(grant)
    protocol.report(grant, "FAILED", failure_class="QUOTA")
    protocol.later(3600)
    protocol.redispatch(grant.job_id)
    assert pools(protocol) == ["creates", "destroys"]


def test_looks_again_wait_behind_no_create(database: Database) -> None:
    protocol = Protocol(database)
    gone = protocol.destroyed()
    protocol.later(RULES.verification_pauses[0])
    assert protocol.sweep(gone.cluster_id).applied
    assert pools(protocol) == ["creates", "destroys", "destroys"]


class Away:
    """A queue that takes nothing."""

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        raise Unavailable("the queue is away")


def test_a_queue_that_is_away_holds_nothing_up_in_the_other(database: Database) -> None:
    protocol = Protocol(database)
    protocol.destroy(protocol.create().cluster_id)
    destroys = MemoryQueue()
    relay = Relay(protocol.engine, job_routes({Pool.CREATES: Away(), Pool.DESTROYS: destroys}), interval=60, claim=30)
    assert relay.run_once() == Pass(claimed=2, published=1)
    assert [dispatch.destination.pool for dispatch in destroys.sent] == [Pool.DESTROYS]


def test_many_creates_that_cannot_be_sent_keep_no_destroy_from_being_sent(database: Database) -> None:
    """More groups than one claim takes wait for a queue that is away."""
    protocol = Protocol(database)
    made = [protocol.create(f"c{number}") for number in range(2 * BATCH)]
    protocol.destroy(made[-1].cluster_id)
    destroys = MemoryQueue()
    relay = Relay(protocol.engine, job_routes({Pool.CREATES: Away(), Pool.DESTROYS: destroys}), interval=60, claim=30)
    relay.run_once()
    assert [dispatch.group_id for dispatch in destroys.sent] == [f"cluster-{made[-1].cluster_id}"]


class Hanging:
    """A queue that answers when it is told to."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        self.asked.set()
        self.go_on.wait(60)
        raise Unavailable("the queue is away")


def test_a_queue_that_hangs_holds_nothing_up_in_the_other(database: Database) -> None:
    protocol = Protocol(database)
    made = protocol.create()
    creates, destroys = Hanging(), MemoryQueue()
    relay = Relay(protocol.engine, job_routes({Pool.CREATES: creates, Pool.DESTROYS: destroys}), interval=0.1, claim=30)
    relay.start()
    try:
        assert creates.asked.wait(30)
        protocol.create("another")  # its dispatch can be claimed, and must not be by whoever sends to the other queue
        protocol.destroy(made.cluster_id)
        relay.wake()
        wait_for(lambda: destroys.sent, 30, "the dispatch of the destroy")
        assert not creates.go_on.is_set(), "the control: the other queue hung all the time"
        assert relay.is_alive()
    finally:
        creates.go_on.set()
        relay.stop(30)
    assert not relay.is_alive()
