"""Only what was promised is run: the digest decides over the very bytes, whatever name, time and size say."""

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import binary, promise

VERSION = "4.20.3"
GOOD = b"#!/bin/sh\necho good\n"
EVIL = b"#!/bin/sh\necho evil\n"


def digest(program: bytes) -> str:
    return hashlib.sha256(program).hexdigest()


def provide(home: Path, program: bytes = GOOD, promise: str | None = None) -> Path:
    """A version's folder; the promise fits unless another is given."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "openshift-install"
    path.write_bytes(program)
    path.chmod(0o755)
    line = f"{digest(program)}  openshift-install\n" if promise is None else promise
    (home / "SHA256SUMS").write_text(line)
    return path


@pytest.fixture
def installers(tmp_path: Path) -> Path:
    return tmp_path / "installers"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The attempt's own folder."""
    path = tmp_path / "att_1"
    path.mkdir()
    return path


def said(installer: binary.Installer) -> str:
    return subprocess.run([installer.path], capture_output=True, text=True, check=True).stdout


def refused(installers: Path, own: Path) -> RunFailed:
    """The failure; nothing that could be run is left."""
    with pytest.raises(RunFailed) as failure:
        binary.obtain(installers, VERSION, own)
    assert list(own.rglob("openshift-install")) == []
    assert failure.value.failure_class == "RUNNER"
    assert failure.value.rule in failure.value.message
    assert "The platform admins' turn: " in failure.value.message
    return failure.value


def test_what_was_promised_runs(installers: Path, own: Path) -> None:
    provide(installers / VERSION)
    installer = binary.obtain(installers, VERSION, own)
    assert installer.sha256 == digest(GOOD)
    assert said(installer) == "good\n"
    assert own in installer.path.parents


def test_a_changed_installer_is_refused_whatever_its_size_and_time_say(installers: Path, own: Path) -> None:
    path = provide(installers / VERSION)
    before = path.stat()
    binary.obtain(installers, VERSION, own / "first")
    path.write_bytes(EVIL)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    failure = refused(installers, own / "second")
    assert failure.rule == "InstallerChanged"
    assert digest(EVIL) in failure.message
    assert digest(GOOD) in failure.message


def test_what_changes_after_the_look_does_not_run(installers: Path, own: Path) -> None:
    path = provide(installers / VERSION)
    installer = binary.obtain(installers, VERSION, own)
    path.write_bytes(EVIL)
    assert said(installer) == "good\n"


def test_a_folder_that_is_replaced_while_it_is_read_is_one_or_the_other(
    installers: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link moves between the promise and the program: both are those of the folder that was opened."""
    provide(installers / "old")
    provide(installers / "new", EVIL)
    link = installers / VERSION
    link.symlink_to("old")

    def moves(text: str, program: str) -> str | None:
        beside = installers / "next"
        beside.symlink_to("new")
        beside.rename(link)
        return promise.promised(text, program)

    monkeypatch.setattr(binary, "promised", moves)
    assert said(binary.obtain(installers, VERSION, own)) == "good\n"
    monkeypatch.undo()
    assert said(binary.obtain(installers, VERSION, own)) == "evil\n"


def test_a_program_in_another_place_may_be_linked(installers: Path, own: Path, tmp_path: Path) -> None:
    path = provide(installers / VERSION)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert said(binary.obtain(installers, VERSION, own)) == "good\n"


Spoil = Callable[[Path], object]
NONE: dict[str, Spoil] = {
    "no file": lambda home: (home / "SHA256SUMS").unlink(),
    "empty": lambda home: (home / "SHA256SUMS").write_text(""),
    "a folder": lambda home: (home / "SHA256SUMS").rename(home / "aside").parent.joinpath("SHA256SUMS").mkdir(),
    "no text": lambda home: (home / "SHA256SUMS").write_bytes(b"\xff\xfe\x00"),
    "of the archive only": lambda home: (home / "SHA256SUMS").write_text(
        f"{digest(GOOD)}  openshift-install-linux-4.20.3.tar.gz\n"
    ),
    "two that differ": lambda home: (home / "SHA256SUMS").write_text(
        f"{digest(GOOD)}  openshift-install\n{digest(EVIL)}  openshift-install\n"
    ),
    "cut": lambda home: (home / "SHA256SUMS").write_text(f"{digest(GOOD)[:-1]}  openshift-install\n"),
}


@pytest.mark.parametrize("spoil", NONE.values(), ids=NONE.keys())
def test_without_a_promise_nothing_runs(installers: Path, own: Path, spoil: Spoil) -> None:
    provide(installers / VERSION)
    spoil(installers / VERSION)
    failure = refused(installers, own)
    assert failure.rule == "InstallerUnpromised"
    assert "sha256sum openshift-install >> SHA256SUMS" in failure.message


@pytest.mark.parametrize("line", ["{}  openshift-install", "{} *openshift-install", "{}  ./openshift-install"])
def test_what_sha256sum_writes_is_read(installers: Path, own: Path, line: str) -> None:
    others = f"{digest(EVIL)}  openshift-client-linux.tar.gz\n"
    provide(installers / VERSION, promise=others + line.format(digest(GOOD).upper()) + "\r\n")
    assert said(binary.obtain(installers, VERSION, own)) == "good\n"


def test_a_release_that_is_not_here_has_a_name(installers: Path, own: Path) -> None:
    assert refused(installers, own).rule == "InstallerMissing"
    provide(installers / VERSION).chmod(0o644)
    assert refused(installers, own).rule == "InstallerMissing"


def test_a_pipe_is_no_installer(installers: Path, own: Path) -> None:
    path = provide(installers / VERSION)
    path.unlink()
    os.mkfifo(path, 0o755)
    assert refused(installers, own).rule == "InstallerMissing"


def test_a_destroy_beside_others_has_a_copy_of_its_own(installers: Path, own: Path) -> None:
    """Several attempts are cleaned up in one run; each is looked at again."""
    path = provide(installers / VERSION)
    first = binary.obtain(installers, VERSION, own)
    assert said(binary.obtain(installers, VERSION, own)) == "good\n"
    path.write_bytes(EVIL)
    refused(installers, own)
    assert not first.path.exists()


def test_a_copy_that_cannot_be_written_is_a_trouble_of_the_work_folder(
    installers: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provide(installers / VERSION)
    own.joinpath("full").symlink_to("/dev/full")
    monkeypatch.setattr(binary, "COPY", ("/bin/sh", "-c", f"cat > {own}/full || exit 28"))
    with pytest.raises(OSError, match="No space left on device"):
        binary.obtain(installers, VERSION, own)
    assert list(own.rglob("openshift-install")) == []
