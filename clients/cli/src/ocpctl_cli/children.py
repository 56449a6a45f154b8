"""Commands that run with a cluster's kubeconfig: signals reach them, and the file goes when they end."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from ocpctl_cli.failures import Exit, Failure

PASSED_ON = (signal.SIGTERM, signal.SIGHUP)
OF_A_TERMINAL = (signal.SIGINT, signal.SIGQUIT)  # it sends them to the child itself
EMPTY = "an empty word"
DEAF = 3  # so often asked to end, a command is killed


@contextmanager
def kubeconfig(text: str) -> Iterator[Path]:
    """A file of its owner alone while the block runs."""
    with tempfile.TemporaryDirectory(prefix="ocpctl-") as folder:  # mode 0700
        path = Path(folder) / "kubeconfig"
        path.touch(mode=0o600)
        path.write_text(text)
        yield path


def run(words: Sequence[str], variables: Mapping[str, str]) -> int:
    """The command's exit code as a shell tells it: 128 and the signal, when one ended it. Raises Failure."""
    with _Signals() as signals:
        child = _start(words, variables)
        signals.go_to(child)
        code = child.wait()
    return code if code >= 0 else 128 - code


def _start(words: Sequence[str], variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    words = _without_dashes(words)
    try:
        return subprocess.Popen(words, env={**os.environ, **variables})  # noqa: S603 - what the person typed
    except OSError as error:
        raise Failure(Exit.USAGE, f"{words[0] or EMPTY} cannot be run: {error.strerror}") from error


def check(words: Sequence[str]) -> None:
    """Before anything is made for it. Raises Failure."""
    name = _without_dashes(words)[0]
    if shutil.which(name) is None:
        raise Failure(Exit.USAGE, f"{name or EMPTY} cannot be run: there is no such program", "See PATH")


def _without_dashes(words: Sequence[str]) -> Sequence[str]:
    return words[1:] if words[0] == "--" and len(words) > 1 else words


def _has_the_terminal() -> bool:
    """Whether what is typed there reaches us and the child; otherwise a signal is sent to us alone."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


class _Signals:
    """While it is entered signals end nothing here: they go to the child, also those that came before it was there."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._asked = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "_Signals":
        heard = [one for one in (*PASSED_ON, *OF_A_TERMINAL) if signal.getsignal(one) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._take) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def go_to(self, child: "subprocess.Popen[bytes]") -> None:
        """From now on."""
        self._child = child
        for number in self._early:
            self._pass_on(child, number)

    def _take(self, number: int, _: FrameType | None) -> None:
        if self._child is None:
            self._early.append(number)
        elif number not in OF_A_TERMINAL or not _has_the_terminal():
            self._pass_on(self._child, number)

    def _pass_on(self, child: "subprocess.Popen[bytes]", number: int) -> None:
        self._asked += 1
        child.send_signal(number if self._asked < DEAF else signal.SIGKILL)
