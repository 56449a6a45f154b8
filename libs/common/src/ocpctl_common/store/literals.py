"""SQL of our own words, which is never made of a caller's input."""

from collections.abc import Iterable
from enum import StrEnum


def literals(words: Iterable[StrEnum]) -> str:
    """The words as a list to stand after IN, in the same order always."""
    quoted = ", ".join(f"'{word}'" for word in sorted(words))
    return f"({quoted})"


def deletion(table: str, condition: str) -> str:
    """A DELETE of at most `:limit` of the rows that have served their purpose."""
    return f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT :limit))"  # noqa: S608 - our own words
