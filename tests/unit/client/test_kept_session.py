"""A session lives as long as somebody uses it."""

from datetime import UTC, datetime, timedelta

import pytest
from ocpctl_client import KeptSession, SignedIn, SignInFailed

START = datetime(2026, 1, 1, tzinfo=UTC)
LIFE, WHOLE = timedelta(minutes=30), timedelta(hours=2)


class Server:
    """Sessions of half an hour that may be extended to two hours in all, and the time."""

    def __init__(self) -> None:
        self.now = START
        self.away = False
        self.begun = START
        self.calls: list[str] = []
        self.kept = KeptSession("url", self.sign_in, longer=self.extend, clock=lambda: self.now)

    def sign_in(self) -> SignedIn:
        self.begun = self.now
        return self._given("sign-in")

    def extend(self, url: str, token: str) -> SignedIn:
        return self._given("extend")

    def _given(self, call: str) -> SignedIn:
        if self.away:
            raise SignInFailed("away")
        self.calls.append(call)
        ends = min(self.now + LIFE, self.begun + WHOLE)
        return SignedIn(token=f"{len(self.calls)}", session_id="s", expires_at=ends, principal_arn="arn")


def test_it_is_extended_before_its_token_ends_and_signs_in_at_the_end_of_its_life() -> None:
    server = Server()
    for _ in range(20):
        server.kept.token()
        server.now += timedelta(minutes=10)
    assert server.calls[:5] == ["sign-in", "extend", "extend", "extend", "extend"]
    assert server.calls.count("sign-in") == 2, "one life is two hours"


def test_a_server_that_is_away_costs_nothing_before_the_token_has_ended() -> None:
    server = Server()
    first = server.kept.token()
    server.now, server.away = START + timedelta(minutes=25), True
    assert server.kept.token() == first
    server.now = START + timedelta(minutes=31)
    with pytest.raises(SignInFailed):
        server.kept.token()
    server.away = False
    assert server.kept.token() != first
