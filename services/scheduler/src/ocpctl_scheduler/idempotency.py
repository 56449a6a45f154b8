"""A change that happens once for an idempotency key: key, effect and answer are one transaction (docs/lifecycle.md)."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.requests import RequestKey
from ocpctl_common.store import idempotency
from ocpctl_common.store.engine import Database, Transaction, transaction


class Answer(Protocol):
    """What a change answers."""

    def to_json(self) -> str:
        """What is stored with the key."""


AnswerT = TypeVar("AnswerT", bound=Answer)


def once(
    engine: Database,
    request: RequestKey,
    effect: Callable[[Transaction], AnswerT],
    again: Callable[[Mapping[str, Any]], AnswerT],
) -> AnswerT:
    """Durable when it returns: the answer of `effect`, or `again` of what an earlier call with the key has stored.

    A refused effect leaves the key free. Raises KeyReused, RequestInProgress, Unavailable, and what `effect` raises.
    """
    with transaction(engine) as tx:
        idempotency.lock_key(tx, request)
        stored = idempotency.find_answer(tx, request)
        if stored is not None:
            return again(stored)
        answer = effect(tx)
        idempotency.store_answer(tx, request, answer.to_json())
        reach(Failpoint.ACCEPT_BEFORE_COMMIT)
    reach(Failpoint.ACCEPT_COMMITTED)
    return answer
