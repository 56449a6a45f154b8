"""The work directory of this process: it belongs to one runner only, and holds nothing of a killed predecessor."""

import fcntl
import shutil
from pathlib import Path
from typing import IO

import structlog

from ocpctl_installer_runner.installer import process_tree
from ocpctl_installer_runner.presence import IdInUse

log = structlog.get_logger()


class UnusableWorkDir(Exception):
    """Nothing can be written there; the message says why, for people."""


def lock(work_dir: Path) -> IO[str]:
    """Held until it is closed: two processes would delete each other's attempts. Raises IdInUse, UnusableWorkDir."""
    try:
        work_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (work_dir / "lock").open("w")
    except OSError as error:
        raise UnusableWorkDir(
            f"cannot start: {error.filename}: {error.strerror}; set OCPCTL_WORK_DIR to a folder it may write to"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise IdInUse(f"another runner works in {work_dir}; set another OCPCTL_WORK_DIR") from error
    return file


def remove_leftovers(work_dir: Path) -> None:
    """Kills the processes that a killed predecessor left, and removes its attempts' directories with their secrets."""
    for folder in work_dir.glob("att_*"):
        log.warning("cleaning up after a killed runner", attempt_id=folder.name)
        process_tree.kill(folder.name)
        shutil.rmtree(folder, ignore_errors=True)
