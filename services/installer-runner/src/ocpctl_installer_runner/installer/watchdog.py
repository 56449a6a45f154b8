"""The runner's side of the watchdog."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ocpctl_installer_runner.installer import process_tree

PROGRAM = Path(__file__).with_name("watchdog_main.py")
PROGRAM_COMMAND = (sys.executable, "-I", "-S", str(PROGRAM))


def namespaces_allowed() -> bool:
    """Whether the host lets us run an installer in a PID namespace of its own."""
    return subprocess.run([*PROGRAM_COMMAND, "probe"], env={}, check=False, timeout=60).returncode == 0


class WatchedInstaller:
    """An installer under its watchdog. Thread-safe: the lease's thread extends and abandons, the run's thread waits."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        output: Path,
        deadline: float,
        pid_namespace: bool = True,
    ) -> None:
        self._attempt_id = env[process_tree.VARIABLE]
        self._lock = threading.Lock()
        reading, self._writing = os.pipe()
        with output.open("ab") as sink:
            self._process = subprocess.Popen(
                [*PROGRAM_COMMAND, str(deadline), str(int(pid_namespace)), *command],
                env=dict(env),
                cwd=folder,
                stdin=reading,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        os.close(reading)

    def extend(self, deadline: float) -> None:
        """Trust lasts until `deadline` (CLOCK_BOOTTIME seconds)."""
        self._send(f"D {deadline}\n")

    def terminate(self) -> None:
        """Asks the installer to stop in order. Once only: a second signal makes it leave children behind."""
        self._send("T\n")

    def abandon(self) -> None:
        """Kills the whole tree at once."""
        with self._lock:
            if self._writing >= 0:
                os.close(self._writing)
                self._writing = -1

    def wait(self, seconds: float) -> int | None:
        """The exit code (LOST when trust ended or the watchdog was killed), or None when it still runs after `seconds`.

        When it returns a code, no process of the attempt is left.
        """
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.abandon()
        process_tree.kill(self._attempt_id)  # the watchdog itself may have been killed
        return process_tree.LOST if code < 0 else code

    def _send(self, line: str) -> None:
        with self._lock:
            if self._writing < 0:
                return
            try:
                os.write(self._writing, line.encode())
            except BrokenPipeError:
                return  # the installer has just ended; wait() tells
