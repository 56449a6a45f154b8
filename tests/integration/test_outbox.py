"""The outbox: order within a cluster, nothing lost, duplicates only."""

from ocpctl_common.store import outbox
from ocpctl_common.store.engine import transaction

from tests.conftest import Database
from tests.integration.protocol import Protocol


def test_every_ring_is_sent_once_and_in_order(database: Database) -> None:
    protocol = Protocol(database)
    ids = [protocol.create(f"c{number}").cluster_id for number in range(25)]
    for cluster_id in ids:
        protocol.destroy(cluster_id)
    while protocol.relay.run_once().claimed:
        pass
    sent = protocol.queue.sent
    assert len(sent) == 50
    for cluster_id in ids:
        own = [bell.id for bell in sent if bell.group_id == f"cluster-{cluster_id}"]
        assert own == sorted(own)
        assert len(own) == 2
    assert {bell.dedup_id for bell in sent} == {f"job:{row[0]}:1" for row in protocol.sql("SELECT id FROM jobs")}


def test_a_refused_group_blocks_only_itself(database: Database) -> None:
    protocol = Protocol(database)
    poison, good = protocol.create("poison").cluster_id, protocol.create("good").cluster_id
    protocol.destroy(poison)
    protocol.queue.refuse.add(f"cluster-{poison}")
    protocol.relay.run_once()
    protocol.relay.run_once()
    assert [bell.group_id for bell in protocol.queue.sent] == [f"cluster-{good}"]
    protocol.queue.refuse.clear()
    while protocol.relay.run_once().claimed:
        pass
    assert [bell.group_id for bell in protocol.queue.sent[1:]] == [f"cluster-{poison}"] * 2


def test_a_claim_of_a_dead_relay_comes_back(database: Database) -> None:
    protocol = Protocol(database)
    protocol.create()
    with transaction(protocol.engine) as tx:
        assert len(outbox.claim(tx, most=10, seconds=0.0)) == 1  # and dies before sending
    assert protocol.relay.run_once().published == 1


def test_a_younger_row_waits_for_a_claimed_older_one(database: Database) -> None:
    protocol = Protocol(database)
    protocol.destroy(protocol.create().cluster_id)
    with transaction(protocol.engine) as tx:
        assert len(outbox.claim(tx, most=10, seconds=60)) == 1
    assert protocol.relay.run_once().claimed == 0
