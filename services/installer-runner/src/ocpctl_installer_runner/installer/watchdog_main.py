"""The watchdog: a small process between the runner and the installer that kills the installer when trust ends.

It lives outside the runner's interpreter, so that a stalled, stopped or killed runner cannot save its installer.
Started as `python -I -S watchdog_main.py <deadline> <pid namespace: 0|1> <command …>`; standard library only. Its
standard input is the runner: a line `D <seconds>` moves the deadline (CLOCK_BOOTTIME), `T` asks the installer to
stop; end of file or a passed deadline kills every process of the attempt. Exit code: the installer's, or 128 + n after
signal n. When trust ended the guard dies by a signal of its own: no exit code of an installer can look like that.
`python watchdog_main.py probe` ends with 0 where the host allows a PID namespace.
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
import cgroup  # type: ignore[import-not-found]  # beside this file; the package is not on the path
import process_tree  # type: ignore[import-not-found]

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWPID = 0x20000000
POLL_SECONDS = 1.0
END_SECONDS = 20.0  # a process that the kernel does not let go makes no further call: it dies when it wakes


def main() -> int | None:
    """Runs the installer; returns the exit code, or None when trust ended."""
    deadline = float(sys.argv[1])
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if sys.argv[2] == "1":
        # Where the host allows it, the kernel kills the whole tree when the installer ends; elsewhere this changes
        # nothing, and what _end does is what counts. The runner has told at its start which of the two it is.
        libc.unshare(CLONE_NEWPID)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # only the runner's pipe and the clock decide
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    group = cgroup.make(os.environ[process_tree.VARIABLE])
    installer = subprocess.Popen(
        sys.argv[3:],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=group.enter if group else None,  # noqa: PLW1509 - this process has one thread
    )
    try:
        return _watch(installer, deadline)
    finally:
        _end(group)


def _watch(installer: "subprocess.Popen[bytes]", deadline: float) -> int | None:
    ended = os.pidfd_open(installer.pid)
    while True:
        left = deadline - time.clock_gettime(time.CLOCK_BOOTTIME)
        if left <= 0:
            return None
        readable, _, _ = select.select([0, ended], [], [], min(left, POLL_SECONDS))
        if ended in readable:
            code = installer.wait()
            return code if code >= 0 else 128 - code
        if 0 in readable:
            words = os.read(0, 4096)
            if not words:
                return None
            deadline = _obey(words, installer, deadline)


def _obey(words: bytes, installer: "subprocess.Popen[bytes]", deadline: float) -> float:
    for line in words.decode().splitlines():
        if line.startswith("D "):
            deadline = float(line[2:])
        elif line == "T":
            installer.send_signal(signal.SIGTERM)
    return deadline


def _end(group: "cgroup.Cgroup | None") -> None:
    """Whatever the installer left behind must not go on creating, whatever it has done to be left alone."""
    gone = group is None or group.kill(seconds=END_SECONDS)
    gone = process_tree.kill_descendants(os.getpid(), seconds=END_SECONDS) and gone
    process_tree.kill(os.environ[process_tree.VARIABLE])  # what was moved out from under us by an earlier watchdog
    if not gone:
        sys.stderr.write("ocpctl: a process of the installer is held by the kernel; it dies when it is let go\n")
    _reap()


def _reap() -> None:
    """As subreaper we inherit the installer's children; those that are dead leave no zombie. Never waits."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return


def _probe() -> int:
    return int(ctypes.CDLL(None).unshare(CLONE_NEWPID) != 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["probe"]:
        sys.exit(_probe())
    result = main()
    if result is None:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(result)
