"""The key of a call whose answer was lost is its key the next time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ocpctl_cli import keys
from ocpctl_cli.failures import Exit, Failure

CALL = ("https://one", "POST", "/clusters", {"name": "a"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "ocpctl"


def used(said: list[str], ending: BaseException | None = None, call: tuple[object, ...] = CALL) -> str:
    key = ""
    try:
        with keys.kept(call, said.append) as key:
            if ending:
                raise ending
    except (Failure, KeyboardInterrupt):
        pass
    return key


@pytest.mark.parametrize("ending", [Failure(Exit.AWAY, "away"), KeyboardInterrupt()])
def test_it_is_kept_while_the_answer_is_not_known(ending: BaseException) -> None:
    said: list[str] = []
    first = used(said, ending)
    assert said == []
    assert used(said, ending) == first
    assert "whose answer was lost" in said[0]
    assert used(said) == first
    assert used(said) != first


@pytest.mark.parametrize("code", [Exit.REFUSED, Exit.USAGE, Exit.SIGN_IN, Exit.FAILED])
def test_an_answer_ends_it(code: Exit) -> None:
    said: list[str] = []
    assert used(said, Failure(code, "no")) != used(said)
    assert said == []


def test_another_call_has_another_one() -> None:
    said: list[str] = []
    found = {
        used(said, KeyboardInterrupt(), call)
        for call in (
            CALL,
            ("https://two", *CALL[1:]),
            (*CALL[:3], {"name": "b"}),
            (*CALL[:2], "/clusters/x/destroy", {}),
        )
    }
    assert len(found) == 4


def test_it_is_kept_for_an_hour(folder: Path) -> None:
    said: list[str] = []
    first = used(said, KeyboardInterrupt())
    file = folder / "keys.json"
    known = json.loads(file.read_text())
    for entry in known.values():
        entry["at"] = (datetime.now(tz=UTC) - timedelta(hours=1, seconds=1)).isoformat()
    file.write_text(json.dumps(known))
    assert used(said) != first


def test_a_folder_that_cannot_be_written_is_told_and_no_reason_to_stop(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.touch()
    said: list[str] = []
    assert used(said)
    assert "ocpctl list" in said[0]
