"""Which programs: those of one release, found by version, each run only when it is the promised one.

What runs is a private copy, and the digest is that of the bytes that went into it: whatever happens to the file that it
came from while it is read or later, nothing runs that was not promised. Path, time and size decide nothing.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ocpctl_common.lifecycle.retries import RUNNER

from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer.failure_rules import TURNS
from ocpctl_installer_runner.installer.promise import MAX_BYTES, PROGRAM, PROMISES, promised

COPY = (sys.executable, "-I", "-S", str(Path(__file__).with_name("copy_main.py")))
THEN = "The job goes on by itself, with this runner or another one."


@dataclass(frozen=True, slots=True)
class Installer:
    """An attempt's own copy of a program that was promised, and its SHA-256."""

    path: Path
    sha256: str

    def release_image(self) -> str:
        """The image of the release that it installs. Raises RunFailed when it names none."""
        done = subprocess.run([self.path, "version"], capture_output=True, text=True, timeout=60, check=False, env={})
        if found := re.search(r"^release image (\S+)$", done.stdout, re.MULTILINE):
            return found[1]
        raise _failure("InstallerUnusable", "The installer does not say which image it installs.", THEN)

    def skips_password(self) -> bool:
        """Whether `create cluster` knows --skip-password-print."""
        done = subprocess.run(
            [self.path, "create", "cluster", "--help"], capture_output=True, text=True, timeout=60, check=False, env={}
        )
        return "--skip-password-print" in done.stdout + done.stderr


def obtain(installers: Path, version: str, own: Path, program: str = PROGRAM) -> Installer:
    """A promised program of a release, as a copy below `own`, the attempt's folder; a copy from before goes.

    Raises RunFailed, with nothing left to run: there is none, nothing is promised for it, or it is another one.
    """
    folder = own / "programs" / version / program
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        return _promised_copy(installers, version, folder / program)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _promised_copy(installers: Path, version: str, path: Path) -> Installer:
    with _opened(installers, version, path.name) as home:
        wanted = _promise(home, version, path.name)
        got = _copy(home, version, path)
    if got != wanted:
        raise _failure(
            "InstallerChanged",
            f"The {path.name} of OpenShift {version} is not the promised one, so it was not run: {PROMISES} says "
            f"{wanted}, and its SHA-256 is {got}.",
            f"Find out who changed it, and put the whole folder of the release back. {THEN}",
        )
    if not os.access(path, os.X_OK):
        raise _failure("WorkFolderRunsNothing", "The runner's work folder allows no program.", f"Mount it so. {THEN}")
    return Installer(path, got)


def lacking(installers: Path, version: str, program: str = PROGRAM) -> RunFailed | None:
    """Why a program of a release could not be run, as far as it is seen without reading it; None: all is there."""
    try:
        with _opened(installers, version, program) as home:
            _promise(home, version, program)
            _program(home, version, program).close()
    except RunFailed as failure:
        return failure
    return None


def largest(installers: Path) -> int:
    """Bytes of the largest program: an attempt needs room for a copy of it."""
    return max((path.stat().st_size for path in installers.glob(f"*/{PROGRAM}") if path.is_file()), default=0)


@contextmanager
def _opened(installers: Path, version: str, program: str) -> Iterator[int]:
    """The release's folder. It stays the same one when the name or a link is given to another meanwhile."""
    try:
        home = os.open(installers / version, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        raise _missing(version, program) from None
    try:
        yield home
    finally:
        os.close(home)


def _promise(home: int, version: str, program: str) -> str:
    try:
        with _regular(home, PROMISES) as file:
            wanted = promised(file.read(MAX_BYTES).decode(), program)
    except (OSError, UnicodeDecodeError):
        wanted = None
    if wanted is None:
        raise _failure(
            "InstallerUnpromised",
            f"Nothing is promised for the {program} of OpenShift {version}, so it was not run: {PROMISES} beside "
            f"it is missing, or has no line for {program} that can be used.",
            "Compare the archive with the mirror's sha256sum.txt, unpack it, and run in the folder of the release "
            f"`sha256sum {program} >> {PROMISES}`. {THEN}",
        )
    return wanted


def _copy(home: int, version: str, path: Path) -> str:
    """Copies the program; the SHA-256 of the bytes that were written."""
    with _program(home, version, path.name) as source:
        return _written(source, path)


def _program(home: int, version: str, program: str) -> IO[bytes]:
    """The program, open. Raises RunFailed when there is none that could be run."""
    try:
        source = _regular(home, program)
    except OSError:
        raise _missing(version, program) from None
    if not os.fstat(source.fileno()).st_mode & 0o111:
        source.close()
        raise _missing(version, program)
    return source


def _written(source: IO[bytes], path: Path) -> str:
    done = subprocess.run([*COPY, path], stdin=source, stdout=subprocess.PIPE, text=True, check=False, env={})
    if done.returncode != 0:
        raise OSError(done.returncode, os.strerror(done.returncode), str(path))
    return done.stdout.strip()


def _regular(home: int, name: str) -> IO[bytes]:
    """A file of the folder, open. Raises OSError, also when it is no regular file."""
    file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=home)  # a pipe must not hold us
    if stat.S_ISREG(os.fstat(file).st_mode):
        return os.fdopen(file, "rb")
    os.close(file)
    raise OSError(f"{name} is no file")


def _missing(version: str, program: str) -> RunFailed:
    return _failure(
        "InstallerMissing",
        f"This runner has no {program} for OpenShift {version}.",
        f"Add {program} and its line in {PROMISES} to the folder of the release. {THEN}",
    )


def _failure(rule: str, say: str, fix: str) -> RunFailed:
    """The runner's own fault: another one may have what this one lacks."""
    return RunFailed(RUNNER, f"{say} {TURNS['platform']}{fix} ({rule})", rule=rule)
