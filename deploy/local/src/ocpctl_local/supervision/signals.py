"""How a supervisor is asked to stop: SIGTERM or SIGINT raise `Stopped` in its main thread, until it has come through.

The interpreter drops what a handler raises while a callback of the interpreter runs, such as the hooks of a fork: a
supervisor that was asked only once would then go on for ever. So it asks itself again.
"""

import signal
from types import FrameType

REPEAT_SECONDS = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)


class Stopped(BaseException):
    """A signal asked us to stop. No Exception, so nothing that handles errors takes it for one."""


def heed() -> None:
    """From now on a signal raises Stopped, and again each REPEAT_SECONDS until `ignore` is called."""
    for number in _SIGNALS:
        signal.signal(number, _stop)


def ignore() -> None:
    """From now on no signal does anything."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, REPEAT_SECONDS, REPEAT_SECONDS)
    raise Stopped
