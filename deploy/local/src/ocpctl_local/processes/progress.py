"""The lines that a supervisor prints while it works."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(name: str) -> Iterator[None]:
    """Prints what was done and how long it took."""
    began = time.monotonic()
    yield
    say(f"{name:<22} {time.monotonic() - began:5.1f} s")


def say(text: str) -> None:
    """Prints one line and flushes it."""
    print(text, flush=True)
