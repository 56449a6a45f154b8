"""Lines are stored some at a time: soon, but not one by one, and all of them at the end."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_installer_runner import log_publisher
from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.log_publisher import COLLECTED_CHARACTERS, COLLECTED_SECONDS, PAUSE_SECONDS, LogPublisher
from ocpctl_installer_runner.user_visible_log import MAX_BATCH_LINES, Batch


class World:
    """Time, and a scheduler that may be away."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.away = False
        self.calls: list[list[str]] = []
        lease = cast("Any", SimpleNamespace(check=lambda: None))
        self.log = LogPublisher(cast("Any", self), lease, cast("Any", None), KnownSecrets())

    def append_log(self, _: Any, batch: Batch) -> None:
        if self.away:
            raise Unavailable("away")
        self.calls.append(list(batch.lines))

    def say(self, *messages: str) -> None:
        self.log.publish([line(message) for message in messages], 0)


def line(message: str) -> str:
    return f'time="2026-11-23T12:00:00Z" level=info msg="{message}"'


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(log_publisher, "boottime", lambda: made.now)
    return made


def test_the_first_line_is_stored_at_once_and_the_next_ones_together(world: World) -> None:
    world.say("one")
    for message in ("two", "three", "four"):
        world.now += COLLECTED_SECONDS / 4
        world.say(message)
    assert world.calls == [[line("one")]]
    world.now += COLLECTED_SECONDS / 4
    world.log.flush_when_due()  # though nothing more was said
    assert world.calls == [[line("one")], [line("two"), line("three"), line("four")]]


def test_an_installer_that_says_much_waits_for_no_time(world: World) -> None:
    world.say("one")
    half = "x" * 3000
    world.say(*[half] * (COLLECTED_CHARACTERS // 6000))
    assert len(world.calls) == 1
    world.say(*[half] * (COLLECTED_CHARACTERS // 6000 + 2))
    assert len(world.calls) == 2


def test_a_line_a_second_is_a_call_in_two(world: World) -> None:
    for number in range(100):
        world.say(str(number))
        world.now += 1
    assert len(world.calls) == 50


def test_a_scheduler_that_is_away_is_not_asked_for_every_line(world: World) -> None:
    world.away = True
    world.say("one")
    world.away = False
    world.say(*["x" * 3000] * 100)
    world.now += PAUSE_SECONDS - 0.1
    world.log.flush_when_due()
    assert world.calls == []
    world.now += 0.2
    world.log.flush_when_due()
    assert [len(call) for call in world.calls] == [101]


def test_all_of_it_is_stored_at_the_end(world: World) -> None:
    world.say("one")
    world.say(*map(str, range(MAX_BATCH_LINES + 1)))
    world.log.publish_what_is_missing(unread=True)
    assert [len(call) for call in world.calls] == [1, MAX_BATCH_LINES, 2]
