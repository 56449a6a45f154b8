"""Files are whole, and their owner's."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from ocpctl_cli import files
from ocpctl_cli.failures import Failure


def test_a_change_is_whole_and_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    with files.changed(path) as content:
        content["a"] = "secret"
    assert json.loads(path.read_text()) == {"a": "secret"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('{"a": 1}')
    with suppress(KeyError), files.changed(path) as content:
        content["a"] = 2
        raise KeyError
    assert path.read_text() == '{"a": 1}'
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".lock"] == ["file.json"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    files.write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("content", ["{", "[]", "\xff", "null"])
def test_a_file_that_is_broken_is_told_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(Failure) as told, files.changed(path):
        pass
    assert str(path) in told.value.message
    assert "rm " in told.value.hint
    assert path.read_text(encoding="latin-1") == content


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="cannot be"), files.changed(tmp_path / "file" / "below.json"):
        pass


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "count.json"
    for _ in range(4):
        if os.fork() == 0:
            for _ in range(25):
                with files.changed(path) as content:
                    content["n"] = content.get("n", 0) + 1
            os._exit(0)
    assert [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(4)] == [0] * 4
    assert files.read(path) == {"n": 100}


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    """As root, `KUBECONFIG=/dev/null ocpctl kubeconfig --merge` made a file of /dev/null."""
    pipe, loop = tmp_path / "pipe", tmp_path / "loop"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, loop, tmp_path / "link", tmp_path):
        with pytest.raises(OSError, match="it is"):
            files.write(path, "x")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "loop", "pipe"]
