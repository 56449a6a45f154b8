"""A pass asks a batch of those that wait longest; those that fail block nobody, and two janitors share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest
from ocpctl.internal.v1 import sweep_service_pb2 as pb
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.errors import Unavailable
from ocpctl_common.ids import ClusterId
from ocpctl_common.rpc import context
from ocpctl_common.store.queries.janitor import Candidate
from ocpctl_janitor import passes
from ocpctl_janitor.passes import WINDOW, CandidatePass, Dependencies
from ocpctl_janitor.settings import JanitorSettings

BATCH = 5


class World:
    """Candidates that wait, the longest first; `answers` says what is done with one, None: it fails."""

    def __init__(self, waiting: int, answers: Callable[[int], bool | None]) -> None:
        self.waiting = list(range(waiting))
        self.asked: list[int] = []
        self.limits: list[int] = []
        self.contexts: set[str] = set()
        self._answers = answers

    def find(self, _: Any, __: Any, *, limit: int) -> Sequence[Candidate]:
        self.limits.append(limit)
        return [Candidate(cluster_id=ClusterId(str(one))) for one in self.waiting[:limit]]

    def ApplySweep(self, request: pb.ApplySweepRequest, **_: object) -> pb.SweepResponse:
        self.contexts.add(context.request_id())
        one = int(request.cluster_id)
        self.asked.append(one)
        applied = self._answers(one)
        if applied is None:
            raise Unavailable("away")
        if applied and one in self.waiting:
            self.waiting.remove(one)
        return pb.SweepResponse(applied=applied)

    def janitor(self) -> CandidatePass:
        settings = JanitorSettings.model_construct(batch=BATCH)
        on = Dependencies(settings=settings, engine=cast("Any", None), scheduler=cast("SweepServiceStub", self))
        return CandidatePass("test", self.find, on)


@pytest.fixture(autouse=True)
def _no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def nothing(_: Any) -> Iterator[None]:
        yield None

    monkeypatch.setattr(passes, "autocommit", nothing)


def rounds(one: CandidatePass) -> int:
    """How many passes it takes until one was not full."""
    count = 1
    while one.run_once().full:
        count += 1
        assert count < 100
    return count


@pytest.mark.parametrize(("waiting", "expected"), [(0, 1), (1, 1), (5, 1), (6, 2), (23, 5), (120, 24)])
def test_all_that_wait_are_asked_batch_by_batch(waiting: int, expected: int) -> None:
    world = World(waiting, lambda one: True)
    assert rounds(world.janitor()) == expected
    assert sorted(world.asked) == list(range(waiting))
    assert world.waiting == []


@pytest.mark.parametrize("answer", [None, False])
def test_those_that_fail_block_nobody(answer: bool | None) -> None:
    """The first eighty, and they stay where they are."""
    world = World(100, lambda one: answer if one < 80 else True)
    janitor = world.janitor()
    assert rounds(janitor) == 20
    assert sorted(world.asked) == list(range(100))
    assert world.waiting == list(range(80))
    rounds(janitor)
    assert len(world.asked) == 180, "and they are asked again the next time"


def test_a_pass_looks_a_window_ahead_and_no_further() -> None:
    world = World(1000, lambda one: True)
    report = world.janitor().run_once()
    assert (report.found, report.applied, report.full) == (BATCH, BATCH, True)
    assert world.limits == [WINDOW * BATCH]
    assert max(world.asked) < WINDOW * BATCH


def test_two_janitors_seldom_ask_the_same() -> None:
    world = World(1000, lambda one: False)
    for _ in range(10):
        world.janitor().run_once()
    assert len(set(world.asked)) > 2 * BATCH  # of ten batches; without chance it would be one


def test_a_question_is_asked_in_the_name_of_its_pass() -> None:
    world = World(3, lambda one: True)
    with context.bind("janitor-test"):
        world.janitor().run_once()
    assert world.contexts == {"janitor-test"}
