"""`rbac_mappings`: who has which role."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Row, text

from ocpctl_common.access import RoleMapping
from ocpctl_common.store.engine import Transaction

# The fields of the one type are the columns.
_ALL = f"SELECT {', '.join(field.name for field in fields(RoleMapping))} FROM rbac_mappings"  # noqa: S608 - our own names
ALL = text(_ALL)
PAGE = text(_ALL + " WHERE (:before = '' OR id < :before) ORDER BY id DESC LIMIT :limit")


def every(tx: Transaction) -> list[RoleMapping]:
    """All mappings, disabled and expired ones included."""
    return [_read(row) for row in tx.execute(ALL)]


def page(tx: Transaction, *, before: str, limit: int) -> list[RoleMapping]:
    """At most `limit`, newest first; ids grow with time."""
    return [_read(row) for row in tx.execute(PAGE, {"before": before, "limit": limit})]


def _read(row: Row[Any]) -> RoleMapping:
    return RoleMapping(**row._mapping)
