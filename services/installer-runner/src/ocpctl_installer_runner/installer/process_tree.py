"""The process tree of an attempt: finds and kills it. Standard library only: the watchdog uses it too.

The installer starts controllers in process groups of their own, so killing its group is not enough. Two things find
them: all inherit OCPCTL_ATTEMPT_ID, unless one clears its environment; and all descend from the watchdog, which as
subreaper becomes the parent of whoever loses its own.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

VARIABLE = "OCPCTL_ATTEMPT_ID"
LOST = -1  # in place of an exit code: trust ended, or the watchdog was killed. No installer can end with it
PAUSE = 0.02
QUIET_PASSES = 2
DEAD_STATES = ("Z", "X")


def find(attempt_id: str) -> list[int]:
    """Living processes of the attempt but ourselves. A dead one that waits for its parent has no environment."""
    return [pid for pid in _pids() if pid != os.getpid() and _belongs(pid, attempt_id)]


def descendants(ancestor: int) -> list[int]:
    """Living processes below `ancestor`, whatever their environment."""
    family = _family()
    found, parents = [], [ancestor]
    while parents:
        parent = parents.pop()
        children = [pid for pid, (_, above) in family.items() if above == parent]
        found += [pid for pid in children if family[pid][0] not in DEAD_STATES]
        parents += children
    return found


def kill(attempt_id: str) -> None:
    """SIGKILLs whoever carries the attempt's id; returns when two passes in a row find nobody."""
    _kill_until_quiet(lambda: find(attempt_id), lambda pid: _belongs(pid, attempt_id), deadline=None)


def kill_descendants(ancestor: int, *, seconds: float) -> bool:
    """SIGKILLs everything below `ancestor`. False: something was not dead after `seconds` (the kernel holds it)."""
    deadline = time.monotonic() + seconds
    return _kill_until_quiet(lambda: descendants(ancestor), lambda pid: pid in descendants(ancestor), deadline=deadline)


def _kill_until_quiet(
    find_victims: Callable[[], list[int]], is_ours: Callable[[int], bool], *, deadline: float | None
) -> bool:
    quiet = 0
    while quiet < QUIET_PASSES:
        if deadline is not None and time.monotonic() > deadline:
            return False
        victims = find_victims()
        quiet = 0 if victims else quiet + 1
        for pid in victims:
            _kill(pid, is_ours)
        time.sleep(PAUSE)
    return True


def _pids() -> list[int]:
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]  # noqa: PTH208 - half the time of pathlib


def _family() -> dict[int, tuple[str, int]]:
    """State and parent of every process."""
    return {pid: kin for pid in _pids() if (kin := _kin(pid))}


def _kin(pid: int) -> tuple[str, int] | None:
    try:
        # The name in the second field may hold blanks and brackets; what follows its last bracket does not.
        state, parent = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return state, int(parent)


def _belongs(pid: int, attempt_id: str) -> bool:
    return f"{VARIABLE}={attempt_id}".encode() in _environment(pid)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []  # gone meanwhile, or of another account: then it is none of ours


def _kill(pid: int, is_ours: Callable[[int], bool]) -> None:
    """Kills through a handle that was opened before the last check: a number that was given to another process since
    is never hit.
    """
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if is_ours(pid):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
