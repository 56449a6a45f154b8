"""Idempotency keys: the answer of a change is stored in the transaction of the change, and kept for a day."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ocpctl_common.errors import KeyReused, RequestInProgress
from ocpctl_common.requests import RequestKey
from ocpctl_common.store.engine import Transaction, sqlstate
from ocpctl_common.store.literals import deletion

LOCK_NOT_AVAILABLE = "55P03"

FIND_KEY = """
SELECT request_hash, response, expires_at <= clock_timestamp() AS expired FROM idempotency_keys
WHERE principal = %(principal)s AND rpc = %(rpc)s AND key = %(key)s
"""

STORE_KEY = """
INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
VALUES (%(principal)s, %(rpc)s, %(key)s, %(request_hash)s, %(response)s::jsonb)
"""

DELETE_EXPIRED = """
DELETE FROM idempotency_keys
WHERE principal = %(principal)s AND rpc = %(rpc)s AND key = %(key)s AND expires_at <= clock_timestamp()
"""

LOCK_KEY = "SELECT pg_advisory_xact_lock(hashtextextended(%(scope)s, 0))"

PRUNE = text(deletion("idempotency_keys", "expires_at <= statement_timestamp()"))


@contextmanager
def lock_timeouts() -> Iterator[None]:
    """Turns a lock timeout into RequestInProgress: the first call with the key has not ended."""
    try:
        yield
    except OperationalError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise RequestInProgress("a request with this Idempotency-Key is still running; try again") from error
        raise


def lock_key(tx: Transaction, request: RequestKey) -> None:
    """Lets only one call with a key pass until the transaction ends; the others wait. Raises RequestInProgress."""
    with lock_timeouts():
        tx.exec_driver_sql(LOCK_KEY, {"scope": f"{request.principal}\n{request.rpc}\n{request.key}"})


def find_answer(
    tx: Transaction, request: RequestKey, is_same: Callable[[Mapping[str, Any]], bool] = lambda stored: False
) -> Mapping[str, Any] | None:
    """What an earlier call with this key has stored. None: no call has, or its key has expired and is deleted now.

    Raises KeyReused when the earlier request was another one: its bytes differ, and `is_same` says no too.
    """
    parameters = {"principal": request.principal, "rpc": request.rpc, "key": request.key}
    row = tx.exec_driver_sql(FIND_KEY, parameters).one_or_none()
    if row is None or row.expired:
        tx.exec_driver_sql(DELETE_EXPIRED, parameters)
        return None
    stored: Mapping[str, Any] = row.response
    if bytes(row.request_hash) != request.request_hash and not is_same(stored):
        raise KeyReused("this Idempotency-Key was used for a different request within 24 hours; use a fresh key")
    return stored


def store_answer(tx: Transaction, request: RequestKey, answer: str) -> None:
    """Stores the answer, a JSON object, in the transaction of its effect."""
    tx.exec_driver_sql(
        STORE_KEY,
        {
            "principal": request.principal,
            "rpc": request.rpc,
            "key": request.key,
            "request_hash": request.request_hash,
            "response": answer,
        },
    )


def prune(tx: Transaction, *, limit: int) -> int:
    """Deletes keys that are older than a day, at most `limit`; returns how many."""
    return tx.execute(PRUNE, {"limit": limit}).rowcount
