"""A session is renewed by itself, and a server that is away ends none."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ocpctl_client
import pytest
from ocpctl_cli import sessions
from ocpctl_cli.contexts import Context, sessions_file
from ocpctl_cli.failures import Exit, Failure
from ocpctl_client import ServerAway, SignedIn, SignInFailed

HERE = Context(name="default", url="https://one", profile="p")


def signed_in(token: str, minutes: float) -> SignedIn:
    ends = datetime.now(tz=UTC) + timedelta(minutes=minutes)
    return SignedIn(token=token, session_id="ses_1", expires_at=ends, principal_arn="arn:me")


class Ways:
    """How a token may be had, and what happened."""

    def __init__(self) -> None:
        self.extend: SignedIn | Exception = SignInFailed("at its end")
        self.sign_in: SignedIn | Exception = SignInFailed("no credentials")
        self.went: list[str] = []

    def take(self, way: str) -> Any:
        self.went.append(way)
        answer = getattr(self, way)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ways:
    made = Ways()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("OCPCTL_TOKEN", raising=False)
    monkeypatch.setattr(ocpctl_client, "extend", lambda *_: made.take("extend"))
    monkeypatch.setattr(ocpctl_client, "sign_in", lambda *_, **__: made.take("sign_in"))
    monkeypatch.setattr("boto3.Session", lambda **_: None)
    sessions._held.clear()
    return made


def kept(minutes: float) -> None:
    sessions._keep(HERE, signed_in("kept", minutes), print)


def asked(*, anew: bool = False) -> str:
    return sessions.token(HERE, print, anew=anew)


def test_one_that_lives_long_enough_is_used(ways: Ways) -> None:
    kept(30)
    assert asked() == "kept"
    assert ways.went == []


def test_one_that_is_short_is_extended_and_kept(ways: Ways) -> None:
    kept(1)
    ways.extend = signed_in("longer", 30)
    assert (asked(), asked()) == ("longer", "longer")
    assert ways.went == ["extend"]
    assert json.loads(sessions_file().read_text())[HERE.url]["token"] == "longer"


def test_at_the_end_of_its_life_one_signs_in_anew(ways: Ways) -> None:
    kept(1)
    ways.extend, ways.sign_in = signed_in("no longer", 1), signed_in("new", 30)
    assert asked() == "new"
    assert ways.went == ["extend", "sign_in"]


@pytest.mark.parametrize(("minutes", "anew"), [(-1, False), (30, True)])
def test_one_that_has_ended_or_is_refused_is_not_extended(ways: Ways, minutes: float, anew: bool) -> None:
    kept(minutes)
    ways.extend, ways.sign_in = signed_in("never", 30), signed_in("new", 30)
    assert asked(anew=anew) == "new"
    assert ways.went == ["sign_in"]


@pytest.mark.parametrize("why", [ServerAway("away"), SignInFailed("expired credentials")])
def test_one_that_lives_is_better_than_none(ways: Ways, why: Exception) -> None:
    kept(1)
    ways.extend = ways.sign_in = why
    assert asked() == "kept"


@pytest.mark.parametrize(("why", "code"), [(ServerAway("away"), Exit.AWAY), (SignInFailed("no"), Exit.SIGN_IN)])
def test_a_server_that_is_away_is_not_who_one_is(ways: Ways, why: Exception, code: Exit) -> None:
    kept(-1)
    ways.sign_in = why
    with pytest.raises(Failure) as told:
        asked()
    assert told.value.code is code
    assert told.value.hint


def test_nobody_is_signed_in_unasked(ways: Ways) -> None:
    ways.sign_in = signed_in("new", 30)
    with pytest.raises(Failure, match="not signed in to https://one") as told:
        asked()
    assert told.value.hint == "Sign in: ocpctl login --url https://one --profile p"
    assert ways.went == []


def test_a_file_that_cannot_be_written_costs_the_next_call_a_sign_in(
    ways: Ways, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ocpctl").touch()
    kept(30)
    assert "the session cannot be kept" in capsys.readouterr().out
    assert asked() == "kept"
