"""Our own words as SQL literals, for statements that must have no parameters."""

from collections.abc import Iterable
from enum import StrEnum


def literals(words: Iterable[StrEnum]) -> str:
    """The words as a list to stand after IN, in the same order always. They are our own, never a caller's input."""
    quoted = ", ".join(f"'{word}'" for word in sorted(words))
    return f"({quoted})"
