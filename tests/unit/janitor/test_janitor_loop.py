"""A sweep passes again at once while its passes come back full, and never in a hurry that changes nothing."""

import threading
from collections.abc import Sequence

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_common.telemetry import metrics
from ocpctl_janitor.loop import Loop
from ocpctl_janitor.passes import Pass, Report


class Looks:
    """Comes back with what it was given."""

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
    assert Loop("looks", Looks([first]), 3600)._more() is again


class Pauses(threading.Event):
    """Notes how long the loop would wait, and stops it after `limit` of them."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.seconds: list[float | None] = []
        self._most = limit

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return len(self.seconds) > self._most


def test_no_pause_lies_between_full_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks([report(full=True, applied=2)] * 50 + [report(full=False, applied=0)])
    pauses = Pauses(51)
    monkeypatch.setattr(threading, "Event", lambda: pauses)
    Loop("looks", looks, 3600)._run()
    assert pauses.seconds == [3600] + [0] * 50 + [3600]


class Away:
    """Fails as it is told."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def run_once(self) -> Report:
        raise self._error


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (Looks([report(full=False, applied=1)]), "done"),
        (Looks([Report(found=2, applied=1, failed=1)]), "partly"),
        (Away(Unavailable("away")), "failed"),
        (Away(ValueError("a defect")), "failed"),
    ],
)
def test_passes_are_counted_by_how_they_went(made: Pass, outcome: str) -> None:
    loop = Loop("counted", made, 3600)
    before = passes(outcome)
    assert not loop._more()
    assert passes(outcome) == before + 1


def passes(outcome: str) -> float:
    """How many the metrics tell of."""
    return float(metrics.sweep_passes.labels(sweep="counted", outcome=outcome)._value.get())
