"""Several sends to one destination are under way at once while there is much to send; the order in a group stays."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.store.outbox import Envelope
from ocpctl_scheduler.relay import BATCH, SENDS_AT_ONCE, Relay, job_routes

from tests.conftest import Database
from tests.history.fill import MESSAGES
from tests.integration.protocol import MemoryQueue, Protocol
from tests.waiting import wait_for

GROUPS, EACH = 60, 3


class Queue:
    """Answers after a while, every fifth time later than others, and refuses now and then; notes what it was sent."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.most = self._now = self._calls = 0
        self._lock = threading.Lock()

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        with self._lock:
            self._calls += 1
            self._now += 1
            self.most, call = max(self.most, self._now), self._calls
        time.sleep(0.2 if call % 5 == 0 else 0.05)
        with self._lock:
            self._now -= 1
            if call % 7 == 3:
                raise Unavailable("busy")
            taken = envelopes[call % 2 :]  # one entry of every second call is refused
            for one in taken:
                self.sent[one.group_id].append(one.dedup_id)
        return [one.id for one in taken]

    @property
    def messages(self) -> int:
        return sum(map(len, self.sent.values()))


@pytest.fixture
def protocol(database: Database) -> Protocol:
    return Protocol(database)


def relay_to(protocol: Protocol, queue: Queue) -> Relay:
    return Relay(
        protocol.engine, job_routes({Pool.CREATES: queue, Pool.DESTROYS: MemoryQueue()}), interval=0.05, claim=30
    )


def test_many_messages_are_under_way_at_once_and_each_group_is_in_order(protocol: Protocol) -> None:
    protocol.sql(MESSAGES, EACH, GROUPS)
    queue = Queue()
    relay = relay_to(protocol, queue)
    relay.start()
    try:
        wait_for(lambda: queue.messages >= GROUPS * EACH, 120, "all messages")
    finally:
        relay.stop(30)
    assert 1 < queue.most <= SENDS_AT_ONCE
    assert queue.sent == {
        f"cluster-{group}": [f"job:{group}:{number}" for number in range(1, EACH + 1)] for group in range(1, GROUPS + 1)
    }
    assert protocol.sql("SELECT count(*) FROM outbox WHERE published_at IS NULL") == [(0,)]
    assert not relay.is_alive()


def test_nobody_helps_where_there_is_little_to_send(protocol: Protocol) -> None:
    protocol.sql(MESSAGES, 1, BATCH - 1)
    queue = Queue()
    relay = relay_to(protocol, queue)
    relay.start()
    try:
        wait_for(lambda: queue.messages >= BATCH - 1, 60, "all messages")
    finally:
        relay.stop(30)
    assert queue.most == 1
