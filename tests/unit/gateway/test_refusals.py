"""Refusals of nobody are audited in sums."""

import threading
from typing import Any

from ocpctl_api_gateway.identity.refusals import Refusals
from ocpctl_common.errors import NotAuthenticated

from tests.waiting import wait_for


class Audit:
    """Keeps what is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []

    def audit_refusal(self, arn: str, action: str, reason: str) -> None:
        self.told.append((arn, action, reason))


def refused(reason: str) -> NotAuthenticated:
    return NotAuthenticated("no", reason=reason)


def test_the_first_is_told_at_once_and_the_others_as_one() -> None:
    audit: Any = Audit()
    refusals = Refusals(audit, period=3600)
    refusals.start()

    def storm() -> None:
        for _ in range(500):
            refusals.add("SignedRequest", refused("A"))

    storms = [threading.Thread(target=storm) for _ in range(4)]
    for thread in storms:
        thread.start()
    for thread in storms:
        thread.join()
    refusals.add("CreateSession", refused("A"))
    assert audit.told == [("", "SignedRequest", "A"), ("", "CreateSession", "A")]
    refusals.stop()
    assert audit.told[2:] == [("", "SignedRequest", "A, 1999 more times")]


def test_every_period_begins_anew() -> None:
    audit: Any = Audit()
    refusals = Refusals(audit, period=0.05)
    refusals.start()

    def again() -> int:
        refusals.add("x", refused("A"))
        return int(audit.told.count(("", "x", "A")))

    try:
        refusals.add("x", refused("A"))
        refusals.add("x", refused("A"))
        wait_for(lambda: len(audit.told) == 2, what="the sum")
        wait_for(lambda: again() == 2, what="a new period")
    finally:
        refusals.stop()
