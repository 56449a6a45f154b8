"""Waiting for what comes by itself."""

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], object], seconds: float = 60, what: str = "it") -> None:
    """Returns when the condition holds. Raises AssertionError."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"{what} did not happen in time"
        time.sleep(0.1)
