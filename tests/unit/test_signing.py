"""The file of signing keys: made, rotated, read again."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from ocpctl_api_gateway.identity import signing
from ocpctl_api_gateway.identity.signing import SigningKeys, add_key

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Clock:
    """Stands until it is moved."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


def kid(keys: SigningKeys) -> str:
    """Who signs now; the token is verified with the public half, as Envoy does."""
    public = KeySet.import_key_set({"keys": keys.public()})  # type: ignore[typeddict-item]
    token = jwt.decode(keys.sign({"sub": "x"}), public)
    assert token.claims == {"sub": "x"}
    return str(token.header["kid"])


def test_a_new_key_is_shown_before_it_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "RELOAD_SECONDS", 0.0)
    clock, path = Clock(), tmp_path / "keys.json"
    first = add_key(path, NOW)
    keys = SigningKeys(path, clock)
    assert kid(keys) == first
    second = add_key(path, NOW, lead=timedelta(minutes=2))
    assert {key["kid"] for key in keys.public()} == {first, second}
    assert kid(keys) == first
    clock.now = NOW + timedelta(minutes=2)
    assert kid(keys) == second
    assert len(keys.secrets()) == 2


def test_a_key_that_no_session_needs_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, second = add_key(path, NOW), add_key(path, NOW)
    later = NOW + signing.LEAD + signing.KEEP
    third = add_key(path, later - timedelta(seconds=1))
    assert [key.kid for key in signing.read(path)] == [first, second, third]
    fourth = add_key(path, later)
    assert [key.kid for key in signing.read(path)] == [second, third, fourth]


def test_the_public_half_holds_no_secret_and_the_file_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    add_key(path, NOW)
    assert set(SigningKeys(path, Clock()).public()[0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_leaves_the_last_good_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.json"
    first = add_key(path, NOW)
    keys = SigningKeys(path, Clock())
    monkeypatch.setattr(signing, "RELOAD_SECONDS", 0.0)
    path.write_text("{")
    assert kid(keys) == first
    path.write_text('{"keys": []}')
    assert kid(keys) == first


def test_the_file_is_not_read_on_every_call(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    add_key(path, NOW)
    keys = SigningKeys(path, Clock())
    path.unlink()
    began = time.monotonic()
    while time.monotonic() - began < signing.RELOAD_SECONDS / 2:
        assert len(keys.keys()) == 1
