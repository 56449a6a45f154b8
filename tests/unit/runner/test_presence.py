"""The claim to a runner id: another process is refused, a scheduler that is away is waited for, and silence ends it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl_common.errors import NotPermitted, Unavailable
from ocpctl_installer_runner.lease_grants import LeaseTimes
from ocpctl_installer_runner.lease_messages import Announcement, AnnouncementAnswer
from ocpctl_installer_runner.presence import MAX_REFUSED_INTERVALS, IdInUse, Presence
from structlog.testing import capture_logs

from tests.waiting import wait_for

INTERVAL = 0.05
AWAY, REFUSED, ACCEPTED, OLD = "away", "refused", "accepted", "an older scheduler"
WRONG_CERTIFICATE = "the certificate of janitor may not call Announce"


class Port:
    """Answers what it was told, the last answer for ever."""

    def __init__(self, *answers: str) -> None:
        self._answers = iter(answers)
        self._last = ""

    def say(self, answer: str) -> None:
        """From now on, for ever."""
        self._answers = iter((answer,))

    def announce(self, announcement: Announcement) -> AnnouncementAnswer:
        """See the port."""
        self._last = next(self._answers, self._last)
        if self._last == AWAY:
            raise Unavailable("away")
        if self._last == WRONG_CERTIFICATE:
            raise NotPermitted(WRONG_CERTIFICATE)
        times = LeaseTimes(trust=4 * INTERVAL, kill=1, heartbeat=INTERVAL)
        if self._last == OLD:
            return AnnouncementAnswer(accepted=True, times=None, valid_seconds=0, claim_seconds=0)
        return AnnouncementAnswer(
            accepted=self._last == ACCEPTED, times=times, valid_seconds=3 * INTERVAL, claim_seconds=1
        )


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocpctl_installer_runner.presence.INITIAL_INTERVAL_SECONDS", INTERVAL)


@pytest.fixture
def begun() -> Iterator[list[Presence]]:
    presences: list[Presence] = []
    yield presences
    for presence in presences:
        presence.end()


def presence(port: Port) -> Presence:
    settings: Any = SimpleNamespace(runner_id="runner-1", slots=1)
    at: Any = port
    return Presence(at, settings, lambda: 0)


@pytest.mark.parametrize(
    "answers",
    [
        (ACCEPTED,),
        (REFUSED, REFUSED, ACCEPTED),
        (*[AWAY] * 5 * MAX_REFUSED_INTERVALS, ACCEPTED),
        (REFUSED, *[AWAY] * 5 * MAX_REFUSED_INTERVALS, REFUSED, ACCEPTED),
    ],
    ids=["at once", "a killed predecessor", "the scheduler starts late", "it goes away in between"],
)
def test_the_id_is_ours_at_last(begun: list[Presence], answers: tuple[str, ...]) -> None:
    ours = presence(Port(*answers))
    ours.begin()
    begun.append(ours)
    wait_for(lambda: ours.accepted)


def test_an_id_that_stays_anothers_is_given_up() -> None:
    with pytest.raises(IdInUse, match="OCPCTL_RUNNER_ID"):
        presence(Port(REFUSED)).begin()


def test_a_claim_runs_out_when_no_answer_comes_and_comes_back_with_one(begun: list[Presence]) -> None:
    port = Port(ACCEPTED)
    ours = presence(port)
    ours.begin()
    begun.append(ours)
    wait_for(lambda: ours.accepted)
    port.say(AWAY)
    wait_for(lambda: not ours.accepted)
    port.say(ACCEPTED)
    wait_for(lambda: ours.accepted)


def test_a_scheduler_that_tells_no_times_gives_no_work(begun: list[Presence]) -> None:
    port = Port(ACCEPTED)
    ours = presence(port)
    ours.begin()
    begun.append(ours)
    port.say(OLD)
    wait_for(lambda: not ours.accepted)
    port.say(ACCEPTED)
    wait_for(lambda: ours.accepted)


@pytest.mark.parametrize(
    ("answer", "event"),
    [(AWAY, "announcement failed: scheduler unavailable"), (WRONG_CERTIFICATE, "announcement refused")],
)
def test_a_refused_announcement_is_not_told_as_a_scheduler_that_is_away(
    begun: list[Presence], answer: str, event: str
) -> None:
    with capture_logs() as logs:
        begun.append(presence(Port(answer, ACCEPTED)))
        begun[0].begin()
    assert [(log["event"], log["error"]) for log in logs if "announcement" in log["event"]] == [(event, answer)]
