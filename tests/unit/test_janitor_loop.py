"""A sweep looks again at once while its looks come back full, and never in a hurry that changes nothing."""

import threading
from collections.abc import Sequence

import pytest
from ocpctl_janitor.loop import Loop
from ocpctl_janitor.sweeps import Report


class Looks:
    """Comes back with what it was given; `done` when all was asked for."""

    name = "looks"

    def __init__(self, reports: Sequence[Report]) -> None:
        self._reports = list(reports)
        self.done = threading.Event()

    def run_once(self) -> Report:
        report = self._reports.pop(0)
        if not self._reports:
            self.done.set()
        return report


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


def test_no_pause_lies_between_full_looks() -> None:
    looks = Looks([report(full=True, applied=2)] * 50 + [report(full=False, applied=0)])
    loop = Loop(looks, 0.2)
    loop.start()
    # With a pause between them it would be 51 of them.
    assert looks.done.wait(51 * 0.2 / 2)
    loop.stop(5)
