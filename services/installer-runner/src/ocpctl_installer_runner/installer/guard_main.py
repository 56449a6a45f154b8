"""The guard: a small process between the runner and the installer that kills the installer when trust ends.

It lives outside the runner's interpreter, so that a stalled, stopped or killed runner cannot save its installer.
Started as `python -I -S guard_main.py <deadline> <pid namespace: 0|1> <command …>`; standard library only. Its
standard input is the runner: a line `D <seconds>` moves the deadline (CLOCK_BOOTTIME), `T` asks the installer to
stop; end of file or a passed deadline kills every process of the attempt. Exit code: the installer's, 128 + n after
signal n, or LOST.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import tree  # type: ignore[import-not-found]  # beside this file; the package is not on the path

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWPID = 0x20000000
LOOK_SECONDS = 1.0


def main() -> int:
    """Runs the installer; returns the exit code."""
    deadline = float(sys.argv[1])
    attempt_id = os.environ[tree.VARIABLE]
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if sys.argv[2] == "1":
        # Where the host allows it, the kernel kills the whole tree when the installer ends; elsewhere this changes
        # nothing, and the sweep by environment below is what counts.
        libc.unshare(CLONE_NEWPID)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # only the runner's pipe and the clock decide
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    installer = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return _watch(installer, deadline)
    finally:
        tree.kill(attempt_id)  # whatever the installer left behind must not go on creating
        _reap()


def _watch(installer: "subprocess.Popen[bytes]", deadline: float) -> int:
    ended = os.pidfd_open(installer.pid)
    while True:
        left = deadline - time.clock_gettime(time.CLOCK_BOOTTIME)
        if left <= 0:
            return int(tree.LOST)
        readable, _, _ = select.select([0, ended], [], [], min(left, LOOK_SECONDS))
        if ended in readable:
            code = installer.wait()
            return code if code >= 0 else 128 - code
        if 0 in readable:
            words = os.read(0, 4096)
            if not words:
                return int(tree.LOST)
            deadline = _obey(words, installer, deadline)


def _obey(words: bytes, installer: "subprocess.Popen[bytes]", deadline: float) -> float:
    for line in words.decode().splitlines():
        if line.startswith("D "):
            deadline = float(line[2:])
        elif line == "T":
            installer.send_signal(signal.SIGTERM)
    return deadline


def _reap() -> None:
    """As subreaper we inherit the installer's children; none may stay a zombie."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


if __name__ == "__main__":
    sys.exit(main())
