"""A connection to a database that lasts as long as its owner: to connect costs more than most questions."""

import weakref
from typing import Any

import psycopg
from psycopg.rows import RowFactory, tuple_row


def connection(owner: object, url: str, row_factory: RowFactory[Any] = tuple_row) -> psycopg.Connection[Any]:
    """Closed when nobody has the owner any more. Raises psycopg.OperationalError."""
    made = psycopg.connect(url, autocommit=True, row_factory=row_factory)
    weakref.finalize(owner, made.close)
    return made
