"""Child processes that cannot outlive us."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
ABORT_SECONDS = 2.0
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    death_signal: signal.Signals = signal.SIGKILL,
    account: pwd.struct_passwd | None = None,
    cwd: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Starts `command` in a session of its own with its output appended to `log`.

    The kernel sends `death_signal` when the calling thread dies, however it dies: call from the main thread.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(death_signal),  # noqa: PLW1509
            cwd=cwd,
        )


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """What the child runs before exec. A parent that died in between is noticed by its pid."""
    parent = os.getpid()

    def arm() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def stop(process: "subprocess.Popen[bytes]", sign: signal.Signals, seconds: float) -> None:
    """Asks a process to end, and kills it when it does not within `seconds`.

    In between SIGABRT: a service that hangs writes into its log where (PYTHONFAULTHANDLER).
    """
    for each, patience in ((sign, seconds), (signal.SIGABRT, ABORT_SECONDS), (signal.SIGKILL, None)):
        if process.poll() is not None:
            return
        process.send_signal(each)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
