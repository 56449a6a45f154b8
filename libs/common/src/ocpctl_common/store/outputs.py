"""Outputs: how to reach a cluster. They are stored when its install has succeeded."""

from dataclasses import asdict

from sqlalchemy import text

from ocpctl_common.ids import ClusterId
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import OUTPUT_NAMES, Outputs

# The fields of the one type are the columns.
_COLUMNS = ", ".join(OUTPUT_NAMES)
_VALUES = ", ".join(f":{name}" for name in OUTPUT_NAMES)
PUT = text(
    f"INSERT INTO cluster_outputs (cluster_id, {_COLUMNS}) VALUES (:cluster_id, {_VALUES})"  # noqa: S608 - our own names
    f" ON CONFLICT (cluster_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in OUTPUT_NAMES)}"
)


def put(tx: Transaction, cluster_id: ClusterId, outputs: Outputs) -> None:
    """Stores the outputs; they replace those of an earlier attempt."""
    tx.execute(PUT, {"cluster_id": cluster_id, **asdict(outputs)})
