"""`ocpctl` as a person or a pipeline calls it: a process, with a terminal or without."""

import os
import pty
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from ocpctl_local.command_line import PROGRAM, variables
from ocpctl_local.stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """One person's environment: a home, AWS credentials, the server's address."""

    stack: Stack
    home: Path
    more: dict[str, str] = field(default_factory=dict)
    program: str = str(PROGRAM)

    @property
    def env(self) -> dict[str, str]:
        """Nothing of who runs the tests."""
        return variables(self.stack, self.home) | self.more

    def run(
        self, *words: str, code: int = 0, stdin: str = "", seconds: float = 240
    ) -> "subprocess.CompletedProcess[str]":
        """In a pipe."""
        done = subprocess.run(
            [self.program, *words],
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == code, f"ocpctl {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """In a pipe, and in a group of its own. It hears signals that whoever began the tests may ignore."""
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup`
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&`
        return subprocess.Popen(
            [self.program, *words],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def in_terminal(self, *words: str, typed: str = "", columns: int = 80) -> tuple[int, str]:
        """The exit code, and all that was seen."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.program, [self.program, *words], {**self.env, "COLUMNS": str(columns), "TERM": "xterm"})  # noqa: S606
        os.write(terminal, typed.encode())
        seen = b""
        while piece := _read(terminal):
            seen += piece
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: the other side is closed
        return b""
