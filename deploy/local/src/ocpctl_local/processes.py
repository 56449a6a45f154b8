"""Child processes that cannot outlive us."""

import ctypes
import itertools
import os
import pwd
import random
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PORTS = range(20_000, 32_000)
ABORT_SECONDS = 2.0
_libc = ctypes.CDLL(None, use_errno=True)
_claims: list[socket.socket] = []  # held until this process ends


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


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, kept for this process until it ends.

    They lie below the range from which the kernel takes ports for outgoing connections. An abstract socket named
    after each port keeps other stacks on this machine, of whatever clone or user, from choosing it before our child
    has bound it; the kernel frees it when we die.
    """
    candidates = random.sample(PORTS, len(PORTS))
    found = list(itertools.islice(filter(reserve, candidates), count))
    if len(found) < count:
        raise SystemExit(f"no {count} free ports between {PORTS.start} and {PORTS.stop}")
    return found


def reserve(port: int) -> bool:
    """Whether the port is free, and ours from now on."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0ocpctl-port-{port}")
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def service_account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: it refuses root, so root lends it another account; otherwise None, ourselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("PostgreSQL does not run as root: make an account called `postgres`, or run as a normal user")
