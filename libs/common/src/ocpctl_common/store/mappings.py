"""`rbac_mappings`: who has which role, as the scheduler changes it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from ocpctl_common import access
from ocpctl_common.access import RoleMapping
from ocpctl_common.errors import NameTaken, NotFound
from ocpctl_common.ids import MappingId
from ocpctl_common.store.engine import Transaction, constraint
from ocpctl_common.store.rows import values_of

_ALL = """
SELECT id, iam_principal_arn, account_id, unique_id, team, role, scope, enabled, expires_at, created_at, created_by
FROM rbac_mappings
"""
ONE = text(_ALL + " WHERE id = :id")
ADMINS = text(_ALL + f" WHERE role = '{access.ADMIN}'")
OF_ACCOUNT = text(_ALL + " WHERE account_id = :account_id FOR UPDATE")
_INSERT = """
INSERT INTO rbac_mappings (id, iam_principal_arn, account_id, team, role, scope, expires_at, created_by)
VALUES (:id, :iam_principal_arn, :account_id, :team, :role, :scope,
        clock_timestamp() + CAST(:expires_in_hours AS integer) * interval '1 hour', :created_by)
"""
INSERT = text(_INSERT)
INSERT_IF_NEW = text(_INSERT + " ON CONFLICT ON CONSTRAINT rbac_mappings_once DO NOTHING")
UPDATE = text("""
UPDATE rbac_mappings SET enabled = coalesce(:enabled, enabled),
  expires_at = CASE WHEN CAST(:expires_in_hours AS integer) IS NULL THEN expires_at
                    ELSE clock_timestamp() + nullif(CAST(:expires_in_hours AS integer), 0) * interval '1 hour' END,
  unique_id = CASE WHEN :forget_unique_id THEN NULL ELSE unique_id END
WHERE id = :id
""")
BIND = text("UPDATE rbac_mappings SET unique_id = :unique_id WHERE id = :id AND unique_id IS NULL")
DELETE = text("DELETE FROM rbac_mappings WHERE id = :id")
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('ocpctl.mappings'))")
PLANT = text("""
INSERT INTO planted_grants (iam_principal_arn, team, role) VALUES (:iam_principal_arn, :team, :role)
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMapping:
    """A role to give; None hours: until it is taken away."""

    id: MappingId
    iam_principal_arn: str
    account_id: str
    team: str
    role: str
    scope: str
    expires_in_hours: int | None
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChange:
    """None: stays as it is. 0 hours: no end."""

    id: MappingId
    enabled: bool | None
    expires_in_hours: int | None
    forget_unique_id: bool


def admins(tx: Transaction) -> list[RoleMapping]:
    """Those of platform admins, disabled and expired ones included."""
    return [_read(row) for row in tx.execute(ADMINS)]


def lock(tx: Transaction) -> None:
    """Until the transaction ends, no other transaction that asks for this lock takes a role away or plants one.

    Take it before any row. With row locks alone, two transactions can each delete the admin that the other one counts.
    """
    tx.execute(LOCK)


def lock_account(tx: Transaction, account_id: str) -> list[RoleMapping]:
    """Those of an account, locked until the transaction ends."""
    return [_read(row) for row in tx.execute(OF_ACCOUNT, {"account_id": account_id})]


def insert(tx: Transaction, new: NewMapping) -> RoleMapping:
    """The mapping as it is stored. Raises NameTaken when principal, team and role are mapped already."""
    try:
        tx.execute(INSERT, values_of(new))
    except IntegrityError as error:
        if constraint(error) == "rbac_mappings_once":
            message = "this principal has this role for this team already; change that mapping instead"
            raise NameTaken(message, reason="MAPPING_EXISTS") from error
        raise
    return _one(tx, new.id)


def plant(tx: Transaction, new: NewMapping) -> RoleMapping | None:
    """The new mapping. None: it was planted before, whatever has become of it, or people have made it.

    Call `lock` first.
    """
    values = values_of(new)
    planted = tx.execute(PLANT, {name: values[name] for name in ("iam_principal_arn", "team", "role")}).rowcount == 1
    if planted and tx.execute(INSERT_IF_NEW, values).rowcount == 1:
        return _one(tx, new.id)
    return None


def update(tx: Transaction, change: MappingChange) -> RoleMapping:
    """The mapping as it is now. Raises NotFound."""
    if tx.execute(UPDATE, values_of(change)).rowcount == 0:
        raise _no_such(change.id)
    return _one(tx, change.id)


def bind(tx: Transaction, mapping: RoleMapping, unique_id: str) -> bool:
    """Whether the mapping was unbound, and is the principal's from now on."""
    return tx.execute(BIND, {"id": mapping.id, "unique_id": unique_id}).rowcount == 1


def delete(tx: Transaction, mapping_id: MappingId) -> None:
    """Raises NotFound."""
    if tx.execute(DELETE, {"id": mapping_id}).rowcount == 0:
        raise _no_such(mapping_id)


def _one(tx: Transaction, mapping_id: MappingId) -> RoleMapping:
    return _read(tx.execute(ONE, {"id": mapping_id}).one())


def _no_such(mapping_id: MappingId) -> NotFound:
    return NotFound(f"there is no mapping {mapping_id}")


def _read(row: Row[Any]) -> RoleMapping:
    return RoleMapping(**row._mapping)
