"""IAM's lists without what was made a moment ago: it is consistent at some later time.

Moto's roles and identity providers know when they were made. One call at a time (endpoint.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import utcnow

_lateness = timedelta(0)


@contextmanager
def late(seconds: float) -> Iterator[None]:
    """In the block lists lack what is younger."""
    global _lateness  # noqa: PLW0603 - moto's lists are asked for without a word of ours
    _lateness = timedelta(seconds=seconds)
    try:
        yield
    finally:
        _lateness = timedelta(0)


def is_listed(made: Any) -> bool:
    """Whether a list has this role or identity provider."""
    born: datetime = made.create_date
    return not _lateness or utcnow() - born >= _lateness
