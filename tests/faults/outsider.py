"""Processes of our own beside the stack's: a runner with another id, another line to the scheduler, or a small disk."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.stack import Stack

RUNNERS = ("installer-runner-1", "installer-runner-2")
STOP_SECONDS = 60.0  # a run that is told to end still ends its call, on a busy machine too
MODULE = (sys.executable, "-m", "ocpctl_installer_runner")


def environment(stack: Stack, process: str = RUNNERS[0]) -> dict[str, str]:
    """What the stack has given one of its processes."""
    raw = Path(f"/proc/{stack.state.pids[process]}/environ").read_bytes().split(b"\0")
    return dict(entry.decode().split("=", 1) for entry in raw if b"=" in entry)


@contextmanager
def outsider(
    stack: Stack, name: str, changes: Mapping[str, str] | None = None, command: Sequence[str] = MODULE
) -> Iterator["subprocess.Popen[bytes]"]:
    """A runner with its own id and work directory, for the length of the block."""
    own = {"OCPCTL_RUNNER_ID": name, "OCPCTL_WORK_DIR": str(stack.folder / "work" / name)}
    with beside(stack, name, environment(stack) | own | dict(changes or {}), command) as process:
        yield process


@contextmanager
def beside(
    stack: Stack, name: str, env: Mapping[str, str], command: Sequence[str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process with its own log and metrics, for the length of the block."""
    log = stack.folder / "logs" / f"{name}.log"
    process = spawn(command, env={**env, "OCPCTL_METRICS_LISTEN": "127.0.0.1:0"}, log=log)
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM, STOP_SECONDS)


@contextmanager
def stopped(stack: Stack, *names: str) -> Iterator[None]:
    """SIGSTOP for the length of the block."""
    pids = [stack.state.pids[name] for name in names]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


class Line:
    """A line to the scheduler that can be cut in one direction: bytes of that direction vanish."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.cut: set[str] = set()  # "requests", "replies"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.create_connection(self._target)
        ways = {client: (server, "requests"), server: (client, "replies")}
        while True:
            readable, _, _ = select.select(list(ways), [], [])
            for end in readable:
                content = end.recv(65536)
                other, way = ways[end]
                if not content:
                    other.close()
                    end.close()
                    return
                if way not in self.cut:
                    other.sendall(content)
