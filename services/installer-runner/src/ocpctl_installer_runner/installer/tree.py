"""Finds and kills every process of an attempt by its environment. Standard library only: the guard uses it too.

The installer starts controllers in process groups of their own, so killing its group is not enough; but all of them
inherit OCPCTL_ATTEMPT_ID.
"""

import os
import signal
import time
from pathlib import Path

VARIABLE = "OCPCTL_ATTEMPT_ID"
LOST = 200  # exit code of a guard that killed the tree because trust ended
PAUSE = 0.02
QUIET_PASSES = 2


def find(attempt_id: str) -> list[int]:
    """Living processes of the attempt but ourselves. A dead one that waits for its parent has no environment."""
    return [pid for pid in _pids() if pid != os.getpid() and _belongs(pid, attempt_id)]


def attempts_on_this_machine() -> set[str]:
    """Ids of all attempts that have a living process here."""
    prefix = f"{VARIABLE}=".encode()
    return {
        entry[len(prefix) :].decode()
        for pid in _pids()
        if pid != os.getpid()
        for entry in _environment(pid)
        if entry.startswith(prefix)
    }


def kill(attempt_id: str, spare: int = 0) -> None:
    """SIGKILLs until two passes in a row find nothing; returns when the tree is proven empty. `spare` is left alone."""
    quiet = 0
    while quiet < QUIET_PASSES:
        victims = [pid for pid in find(attempt_id) if pid != spare]
        quiet = 0 if victims else quiet + 1
        for pid in victims:
            _kill(pid, attempt_id)
        time.sleep(PAUSE)


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208 - half the time of pathlib


def _belongs(pid: int, attempt_id: str) -> bool:
    return f"{VARIABLE}={attempt_id}".encode() in _environment(pid)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []  # gone meanwhile, or of another account: then it is none of ours


def _kill(pid: int, attempt_id: str) -> None:
    """Kills through a handle that was opened before the last look: a number that was given to another process since
    is never hit.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if _belongs(pid, attempt_id):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
