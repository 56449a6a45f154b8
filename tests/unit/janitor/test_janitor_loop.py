"""A sweep looks again at once while its looks come back full, and never in a hurry that changes nothing."""

import threading
from collections.abc import Sequence

import pytest
from ocpctl_janitor.loop import Loop
from ocpctl_janitor.sweeps import Report


class Looks:
    """Comes back with what it was given."""

    name = "looks"

    def __init__(self, reports: Sequence[Report]) -> None:
        self._reports = list(reports)

    def run_once(self) -> Report:
        return self._reports.pop(0)


def report(*, full: bool, applied: int) -> Report:
    return Report(found=2, applied=applied, failed=0, full=full)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (report(full=True, applied=1), True),
        (report(full=True, applied=0), False),
        (report(full=False, applied=2), False),
    ],
)
def test_a_full_look_is_followed_by_another_at_once(first: Report, again: bool) -> None:
    assert Loop(Looks([first]), 3600)._more() is again


class Pauses(threading.Event):
    """Notes how long the loop would wait, and stops it after `most` of them."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.seconds: list[float | None] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return len(self.seconds) > self._most


def test_no_pause_lies_between_full_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks([report(full=True, applied=2)] * 50 + [report(full=False, applied=0)])
    pauses = Pauses(51)
    monkeypatch.setattr(threading, "Event", lambda: pauses)
    Loop(looks, 3600)._run()
    assert pauses.seconds == [3600] + [0] * 50 + [3600]
