"""When a relay passes again at once, what it releases, and when the refused get another turn."""

import threading
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any, cast

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.messages import JobDispatch
from ocpctl_common.store import outbox
from ocpctl_common.store.outbox import JOBS, Claim, Destination, Envelope, Poison
from ocpctl_scheduler import relay
from ocpctl_scheduler.relay import Pass, Relay, Route

from tests.unit.scheduler.scheduled import TX

TO = Destination(name=JOBS, pool=Pool.CREATES)
REFUSED = {77, 70}


class Queue:
    """Accepts the rows that it was made to accept; None: it is away."""

    def __init__(self, accepted: Sequence[int] | None) -> None:
        self.accepted = accepted

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        if self.accepted is None:
            raise Unavailable("the queue is away")
        return self.accepted


def route(accepted: Sequence[int] | None = ()) -> Route:
    return Route(destination=TO, kinds=(JobDispatch,), publisher=Queue(accepted))


def passing(refused: Iterable[int] = ()) -> Relay:
    made = Relay(TX, [route()], interval=2.5, claim=40)
    made._refused[TO] = frozenset(refused)
    return made


def envelopes(number: int) -> list[Envelope]:
    """The rows 0, 1 and so on."""
    word = {"destination": TO, "group_id": "g", "dedup_id": "d", "message": JobDispatch(job_id=JobId("job_1"))}
    return [Envelope(id=at, body="{}", attributes={}, **cast("Any", word)) for at in range(number)]


def poison(number: int) -> list[Poison]:
    return [Poison(id=at, kind="k", group_id="g", problem="p") for at in range(number)]


def raises(error: Exception) -> Any:
    def fail(*words: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("claimed", "published", "again"),
    [(0, 0, False), (1, 1, True), (10, 10, True), (1, 0, False), (10, 0, False), (10, 9, False)],
)
def test_it_passes_again_at_once_only_if_all_of_something_was_taken(
    claimed: int, published: int, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Relay, "_pass", lambda self, route: Pass(claimed=claimed, published=published))
    assert passing()._pass_safely(route(), tell=False) is again


@pytest.mark.parametrize("error", [Unavailable("no database"), RuntimeError("a defect")])
@pytest.mark.parametrize("where", ["_pass", "tell_unknown"])
def test_a_pass_that_fails_is_waited_after(where: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Relay, "_pass", lambda self, route: Pass(claimed=1, published=1))
    monkeypatch.setattr(Relay, "tell_unknown", lambda self: None)
    monkeypatch.setattr(Relay, where, raises(error))
    assert passing()._pass_safely(route(), tell=True) is False


@pytest.mark.parametrize("tell", [True, False])
def test_it_tells_when_it_is_told_to(tell: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(Relay, "_pass", lambda self, route: Pass(claimed=1, published=1))
    monkeypatch.setattr(Relay, "tell_unknown", lambda self: done.append("told"))
    assert passing()._pass_safely(route(), tell=tell) is True
    assert done == (["told"] if tell else [])


def test_it_waits_after_a_pass_that_was_not_full_and_tells_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full or not, of each pass; it is stopped in the last one."""
    full = [False, True, True, False, True, False, True]
    done: list[str] = []
    one = passing()

    class Awake(threading.Event):
        def clear(self) -> None:
            done.append("clear")

        def wait(self, timeout: float | None = None) -> bool:
            done.append(f"wait:{timeout}")
            return False

    def passed(self: Relay, route: Route, *, tell: bool) -> bool:
        done.append("tell" if tell else "pass")
        if len(full) == 1:
            self._stopped.set()
        return full.pop(0)

    one._awake[TO] = Awake()
    monkeypatch.setattr(relay, "TELL_EVERY_PASSES", 4)
    monkeypatch.setattr(Relay, "_pass_safely", passed)
    one._run_forever(route())
    assert " ".join(done) == (
        "clear tell wait:2.5 clear pass clear pass clear pass wait:2.5 clear tell clear pass wait:2.5 clear pass"
    )


@pytest.mark.parametrize(
    ("read", "unreadable", "another_turn"),
    [(0, 0, True), (9, 0, True), (0, 9, True), (5, 4, True), (10, 0, False), (0, 10, False), (5, 5, False)],
)
def test_the_refused_get_another_turn_when_a_claim_was_not_full(
    read: int, unreadable: int, another_turn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then they are left out of each claim."""
    asked: list[object] = []
    found = Claim(envelopes=envelopes(read), poison=poison(unreadable))

    def claim(tx: Any, destination: Destination, kinds: Any, **limits: Any) -> Claim:
        asked.append((destination, kinds, limits))
        return found

    monkeypatch.setattr(outbox, "claim", claim)
    monkeypatch.setattr(relay, "transaction", nullcontext)
    one = passing(set(REFUSED))
    assert one._claimed(route()) == found.envelopes
    assert asked == [(TO, (JobDispatch,), {"limit": 10, "seconds": 40, "without": [70, 77]})]
    assert one._refused[TO] == (set() if another_turn else REFUSED)


@pytest.mark.parametrize(
    ("claimed", "accepted", "refused"),
    [
        (10, range(10), set()),
        (10, range(8), {8, 9}),
        (10, [], set(range(10))),
        (9, range(8), set()),
        (1, [], set()),
        (10, None, set()),
    ],
)
def test_the_refused_are_left_out_of_the_next_claim_only_if_this_one_was_full(
    claimed: int, accepted: Sequence[int] | None, refused: set[int]
) -> None:
    one = passing(set(REFUSED))
    assert one._send(route(accepted), envelopes(claimed)) == ([] if accepted is None else accepted)
    assert one._refused[TO] == REFUSED | refused


@pytest.mark.parametrize(
    ("claimed", "accepted", "done"),
    [
        (0, [], []),
        (3, [0, 1, 2], [("published", [0, 1, 2]), ("released", [])]),
        (3, [1], [("published", [1]), ("released", [0, 2])]),
        (3, None, [("published", []), ("released", [0, 1, 2])]),
    ],
)
def test_what_was_not_taken_is_released(
    claimed: int, accepted: Sequence[int] | None, done: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    monkeypatch.setattr(Relay, "_claimed", lambda self, route: envelopes(claimed))
    monkeypatch.setattr(relay, "transaction", nullcontext)
    monkeypatch.setattr(outbox, "mark_published", lambda tx, ids: written.append(("published", ids)))
    monkeypatch.setattr(outbox, "release", lambda tx, ids: written.append(("released", ids)))
    assert passing()._pass(route(accepted)) == Pass(claimed=claimed, published=len(accepted or ()))
    assert written == done
