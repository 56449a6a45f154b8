"""The processes of a stack: starts them, publishes their pids, restarts those that end, stops them in reverse order.

Every child dies with the supervisor (PR_SET_PDEATHSIG), so not even SIGKILL leaves a process behind.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import urllib3
from ocpctl_common import failpoints

from ocpctl_local import state
from ocpctl_local.processes.component import Component
from ocpctl_local.processes.origin import Origin, Program
from ocpctl_local.processes.progress import say, step
from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.state import StackState

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
MAX_RESTART_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 5.0
Process = subprocess.Popen[bytes]


class StackFailed(Exception):
    """The stack cannot go on; the message says where to look."""


@dataclass(slots=True, kw_only=True)
class Child:
    """One process. When it ends and `again` is None, the stack ends: its state is lost."""

    process: Process
    again: Callable[[], Process] | None
    is_service: bool
    began: float
    crashes: int = 0  # in a row, each soon after the start


class Children:
    """All processes of one stack. Use it from the main thread only."""

    def __init__(self, folder: Path, origin: Origin) -> None:
        self._folder = folder
        self._origin = origin
        self._children: dict[str, Child] = {}
        self.state = StackState(supervisor=os.getpid())

    def change(self, **changes: Any) -> None:
        """Changes the published state."""
        self.state = replace(self.state, **changes)
        state.write(self._folder, self.state)

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self._folder / "logs" / f"{name}.log"

    def run(self, name: str, program: Program, env: Mapping[str, str]) -> None:
        """Runs a program to its end. Raises StackFailed when it fails."""
        if self._spawn(name, program, env).wait() != 0:
            raise StackFailed(f"{name} failed; see {self.log(name)}")

    def _spawn(self, name: str, program: Program, env: Mapping[str, str]) -> Process:
        command = self._origin.command(name, program)
        return spawn(command, env={**self._origin.env(program), **env}, log=self.log(name))

    def hold(
        self, name: str, process: Process, again: Callable[[], Process] | None = None, *, is_service: bool = False
    ) -> None:
        """Supervises a process from now on; `again` starts its successor."""
        began = time.monotonic()
        self._children[name] = Child(process=process, again=again, is_service=is_service, began=began)
        self._tell_pids()

    def serve(self, component: Component) -> None:
        """Starts a service, which is not ready yet."""
        self.change(ready_urls={**self.state.ready_urls, component.name: component.ready_url})

        def start() -> Process:
            env = {**component.env, **self._failpoint(component.name)}
            return self._spawn(component.name, component.program, env)

        self.hold(component.name, start(), start, is_service=True)

    def wait_ready(self, component: Component) -> None:
        """Returns when a service works. Raises StackFailed."""
        http = urllib3.PoolManager(retries=False, timeout=2)
        deadline = time.monotonic() + READY_SECONDS
        with step(component.name):
            while not self._answers(http, component):
                if time.monotonic() > deadline or self._ended(component.name):
                    raise StackFailed(f"{component.name} did not start: {self._last_line(component.name)}")
                time.sleep(0.05)

    def watch(self) -> None:
        """Restarts every process that ends; blocks for ever. Raises StackFailed."""
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            name = next((n for n, child in self._children.items() if ended and child.process.pid == ended.si_pid), None)
            if name is None:
                os.waitpid(ended.si_pid if ended else -1, 0)  # a grandchild that was left to us
            else:
                self._restart(name, self._children[name])

    def stop(self) -> None:
        """Services end at the same time; then what they depend on, in reverse order."""
        for child in self._children.values():
            if child.is_service:
                child.process.terminate()
        for name, child in reversed(self._children.items()):
            gentle = signal.SIGINT if name == "postgres" else signal.SIGTERM
            stop(child.process, gentle, STOP_SECONDS)
        self.change(ready=False, pids={})

    def _restart(self, name: str, child: Child) -> None:
        code = child.process.wait()
        if child.again is None:
            raise StackFailed(f"{name} ended with {code}; its state is lost, so the stack ends; see {self.log(name)}")
        child.crashes = 1 if time.monotonic() - child.began > STEADY_SECONDS else child.crashes + 1
        pause = min(0.1 * 2**child.crashes, MAX_RESTART_PAUSE_SECONDS)
        say(f"{name} ended with {code}; starting it again in {pause:.1f} s")
        time.sleep(pause)
        child.process, child.began = child.again(), time.monotonic()
        self._tell_pids()

    def _tell_pids(self) -> None:
        self.change(pids={name: child.process.pid for name, child in self._children.items()})

    def _answers(self, http: urllib3.PoolManager, component: Component) -> bool:
        """Whether it is ready. An answer counts only while our process lives: else another process gave it."""
        try:
            ready = http.request("GET", component.ready_url).status == 200  # noqa: PLR2004
        except urllib3.exceptions.HTTPError:
            return False
        return ready and not self._ended(component.name)

    def _ended(self, name: str) -> bool:
        return self._children[name].process.poll() is not None

    def _last_line(self, name: str) -> str:
        """The last line of a process's log, and the path of the log."""
        lines = self.log(name).read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'the log is empty'} (log: {self.log(name)})"

    def _failpoint(self, name: str) -> dict[str, str]:
        """The failpoint that Stack.arm has set for the next start; it holds for one start."""
        order = self._folder / "failpoints" / name
        if not order.exists():
            return {}
        chosen = order.read_text()
        order.unlink()
        return {failpoints.VARIABLE: chosen}
