"""Folders that belong to a process. When it has died, however it died, the next one removes them.

The owner holds a lock on the folder itself. The kernel frees the lock when the owner dies, so no pid is compared.
"""

import fcntl
import os
import shutil
from pathlib import Path

_locks: dict[Path, int] = {}  # held until this process ends


def make(path: Path) -> None:
    """Makes an empty folder that is ours until this process ends. Other accounts may enter it and not list it."""
    while True:
        path.mkdir(mode=0o711)
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            _locks[path] = lock
            return
        os.close(lock)  # another process has removed it, because it was not locked yet


def remove(path: Path) -> None:
    """Removes one of our folders."""
    shutil.rmtree(path, ignore_errors=True)
    os.close(_locks.pop(path))


def remove_abandoned(parent: Path, pattern: str) -> None:
    """Removes the folders in `parent` whose owner has died; what cannot be removed is left to the next one."""
    for path in parent.glob(pattern):
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # it is gone, or another user's
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:  # its owner lives
            continue
        finally:
            os.close(lock)
