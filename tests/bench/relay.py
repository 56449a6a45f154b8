"""Messages a second to a queue that answers after 40 ms, as one in another region does; each group is in order."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.outbox import Envelope
from ocpctl_local.database.postgres import Postgres
from ocpctl_scheduler import relay
from ocpctl_scheduler.relay import Relay, job_routes

from tests.history.fill import MESSAGES
from tests.history.server import running_server

ANSWER_SECONDS = 0.04
GROUPS, EACH = 3000, 2
LIMIT = 1500


class Queue:
    """SQS FIFO as a sender sees it: at most ten entries, one answer for all of them, kept in the order of arrival."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.messages = 0
        self._lock = threading.Lock()

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        """Takes all."""
        assert len(envelopes) <= relay.BATCH
        with self._lock:
            for one in envelopes:
                self.sent[one.group_id].append(one.dedup_id)
        time.sleep(ANSWER_SECONDS)
        with self._lock:
            self.messages += len(envelopes)
        return [one.id for one in envelopes]


class Nothing:
    """The other pool's queue."""

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        """Is never asked."""
        return []


def measure() -> dict[str, float]:
    """One send at a time, as it was, and as many as there are; in turns would cost a minute more."""
    with TemporaryDirectory() as name, running_server(Path(name)) as database:
        many = _rate(database, GROUPS)
        with _one_at_a_time():
            one = _rate(database, GROUPS // 10)
    what = f"messages to a queue that answers after {ANSWER_SECONDS * 1000:.0f} ms"
    return {
        f"{what}, {relay.SENDS_AT_ONCE} sends at once (1/s)": many,
        "  ratio to one send at a time": many / one,
        f"  ratio to the limit of {LIMIT}/s": many / LIMIT,
    }


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    usual, relay.SENDS_AT_ONCE = relay.SENDS_AT_ONCE, 1
    try:
        yield
    finally:
        relay.SENDS_AT_ONCE = usual


def _rate(database: Postgres, groups: int) -> float:
    with psycopg.connect(database.url("postgres"), autocommit=True) as connection:
        connection.execute("TRUNCATE outbox")
        connection.execute(MESSAGES, [EACH, groups])
        connection.execute("ANALYZE outbox")
    queue = Queue()
    engine = make_engine(database.url("ocpctl_scheduler"), pool_size=6, application_name="bench")
    sending = Relay(engine, job_routes({Pool.CREATES: queue, Pool.DESTROYS: Nothing()}), interval=1, claim=30)
    began = time.monotonic()
    sending.start()
    while queue.messages < groups * EACH:
        time.sleep(0.005)
    seconds = time.monotonic() - began
    sending.stop(10)
    engine.dispose()
    wrong = [group for group, sent in queue.sent.items() if sent != sorted(sent) or len(sent) != EACH]
    assert not wrong, f"out of order: {wrong[:3]}"
    return groups * EACH / seconds
