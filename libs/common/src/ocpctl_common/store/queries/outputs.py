"""How to reach a cluster: references only, no secret."""

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import OUTPUT_NAMES, Outputs

_COLUMNS = ", ".join(OUTPUT_NAMES)
# The fields of the one type are the columns.
GET = text(f"SELECT {_COLUMNS} FROM cluster_outputs WHERE cluster_id = :cluster_id")  # noqa: S608 - our own names


def get(tx: Transaction, cluster_id: str) -> Outputs | None:
    """The outputs, once the cluster was READY."""
    row = tx.execute(GET, {"cluster_id": cluster_id}).one_or_none()
    return None if row is None else Outputs(**row._mapping)
