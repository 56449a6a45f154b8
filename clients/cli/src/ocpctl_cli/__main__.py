"""`ocpctl`, and `python -m ocpctl_cli`: from here on Ctrl-C is a silent end, the second one at once."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 128 + signal.SIGINT


def main() -> NoReturn:
    """Ends the process with one of the exit codes of `Exit`."""
    is_heard = signal.getsignal(signal.SIGINT) != signal.SIG_IGN  # as `nohup` and a shell's `&` have it
    if is_heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is begun while commands are imported
    from ocpctl_cli.main import ended  # noqa: PLC0415

    if is_heard:
        signal.signal(signal.SIGINT, _Once().take)
    try:
        code = ended()
    except KeyboardInterrupt:  # before a command, or after it
        code = INTERRUPTED
    sys.exit(code)


class _Once:
    """The first one lets the command say how to come back; who asks again does not wait for that."""

    def __init__(self) -> None:
        self._came = False

    def take(self, _: int, __: FrameType | None) -> None:
        """Raises KeyboardInterrupt, once."""
        if self._came:
            os._exit(INTERRUPTED)
        self._came = True
        raise KeyboardInterrupt


if __name__ == "__main__":
    main()
