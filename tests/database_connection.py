"""A database connection that is kept open as long as its owner lives: to connect costs more than most queries."""

import weakref
from typing import Any

import psycopg
from psycopg.rows import RowFactory, tuple_row


def open_connection(owner: object, url: str, row_factory: RowFactory[Any] = tuple_row) -> psycopg.Connection[Any]:
    """A connection that is closed when the owner is garbage. Raises psycopg.OperationalError."""
    made = psycopg.connect(url, autocommit=True, row_factory=row_factory)
    weakref.finalize(owner, made.close)
    return made
