"""What has served its purpose is deleted batch by batch; one kind that fails, or is big, holds no other up."""

from collections.abc import Callable

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_common.store import idempotency, outbox, sessions
from ocpctl_common.store.engine import Transaction, alone, transaction
from ocpctl_scheduler import pruning
from ocpctl_scheduler.pruning import Pruning, kinds

from tests.conftest import Database
from tests.integration.protocol import Protocol

OLD_KEYS = """
INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response, expires_at)
SELECT 'r', 'x', n::text, '', '{}', clock_timestamp() + n * interval '1 hour' FROM generate_series(-10, 5) AS n
"""
OLD_MESSAGES = """
INSERT INTO outbox (group_id, dedup_id, body, attributes, pool, published_at)
SELECT 'g', n::text, '{}', '{}', 'creates', CASE WHEN n > 0 THEN clock_timestamp() - n * interval '10 hours' END
FROM generate_series(0, 10) AS n
"""
OLD_SESSIONS = """
INSERT INTO sessions (id, principal_arn, account_id, unique_id, nonce_sha256, expires_at)
SELECT 'ses_' || lpad((20 + n)::text, 26, '0'), 'a', '1', 'u', n::text::bytea,
       clock_timestamp() + n * interval '10 hours'
FROM generate_series(-10, 5) AS n
"""


@pytest.fixture
def protocol(database: Database) -> Protocol:
    made = Protocol(database)
    for statement in (OLD_KEYS, OLD_MESSAGES, OLD_SESSIONS):
        made.sql(statement)
    return made


@pytest.mark.parametrize("batch", [1, 2, 3, 11, 10_000])
def test_batches_follow_each_other_while_they_are_full(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(pruning, "BATCH", batch)
    gone = Pruning(protocol.engine, kinds(log_days=7, sample_days=40)).run_once()
    assert gone == {"keys": 11, "messages": 8, "log_lines": 0, "usage_samples": 0, "sessions": 8, "runners": 0}
    left = [protocol.sql(f"SELECT count(*) FROM {table}")[0][0] for table in ("idempotency_keys", "outbox", "sessions")]
    assert left == [5, 3, 8]


@pytest.mark.parametrize("error", [Unavailable("too slow"), RuntimeError("a defect")])
def test_one_that_fails_keeps_what_its_batches_did_and_holds_nothing_up(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    left = [1, 1]

    def fails(tx: Transaction, *, limit: int) -> int:
        gone = idempotency.prune(tx, limit=limit)
        if not left:
            raise error
        left.pop()
        return gone

    gone = Pruning(protocol.engine, {"keys": fails, "messages": outbox.prune}).run_once()
    assert gone == {"keys": 4, "messages": 8}
    assert protocol.sql("SELECT count(*) FROM idempotency_keys") == [(16 - 4,)]


def test_one_at_a_time_prunes_a_kind(protocol: Protocol) -> None:
    with transaction(protocol.engine) as other:
        assert alone(other, "prune keys")
        kept = Pruning(protocol.engine, {"keys": idempotency.prune, "sessions": sessions.prune}).run_once()
        assert kept == {"keys": 0, "sessions": 8}
    assert Pruning(protocol.engine, {"keys": idempotency.prune}).run_once() == {"keys": 11}


def test_it_ends_between_two_batches(protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    stop: list[Callable[[], None]] = []

    def stops(tx: Transaction, *, limit: int) -> int:
        stop[0]()
        return idempotency.prune(tx, limit=limit)

    one = Pruning(protocol.engine, {"keys": stops, "messages": outbox.prune})
    stop.append(one._stopped.set)
    one.start()
    one.stop(10)
    assert protocol.sql("SELECT count(*) FROM idempotency_keys") == [(14,)]
    assert protocol.sql("SELECT count(*) FROM outbox") == [(11,)]
