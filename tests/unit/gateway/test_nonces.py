"""Nonces of logins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpctl_api_gateway.identity import nonces
from ocpctl_common.errors import NotAuthenticated

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECRET = b"s" * 32


def reason(nonce: str, secrets: list[bytes], now: datetime = NOW) -> str:
    with pytest.raises(NotAuthenticated) as refused:
        nonces.check(nonce, secrets, now)
    return refused.value.reason


def test_ours_is_known_for_two_minutes_by_whoever_has_the_keys() -> None:
    nonce, ends = nonces.make(SECRET, NOW)
    assert ends == NOW + timedelta(minutes=2)
    nonces.check(nonce, [b"older", SECRET], ends - timedelta(seconds=1))
    assert reason(nonce, [SECRET], ends) == "NONCE_EXPIRED"
    assert reason(nonce, [b"older"]) == "NONCE_UNKNOWN"


def test_every_one_is_new() -> None:
    assert len({nonces.make(SECRET, NOW)[0] for _ in range(100)}) == 100


@given(st.integers(0, 63), st.characters(codec="ascii"))
def test_one_character_changed_is_not_ours(place: int, character: str) -> None:
    nonce, _ = nonces.make(SECRET, NOW)
    changed = nonce[:place] + character + nonce[place + 1 :]
    if changed != nonce:
        assert reason(changed, [SECRET]) == "NONCE_UNKNOWN"


@pytest.mark.parametrize(("ours", "other"), ["-+", "_/"])
def test_another_spelling_is_not_ours(ours: str, other: str) -> None:
    nonce = next(nonce for nonce, _ in iter(lambda: nonces.make(SECRET, NOW), None) if ours in nonce)
    for spelt in (nonce.replace(ours, other), nonce + "=", nonce + "====", nonce + "\n"):
        assert reason(spelt, [SECRET]) == "NONCE_UNKNOWN"


@given(st.text())
def test_anything_else_is_not_ours(text: str) -> None:
    assert reason(text, [SECRET]) == "NONCE_UNKNOWN"
