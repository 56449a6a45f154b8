"""How to reach a cluster: references only, no secret."""

from dataclasses import asdict, dataclass, fields

from sqlalchemy import text

from ocpctl_common.ids import ClusterId
from ocpctl_common.store.engine import Transaction


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Of the attempt that succeeded. `kubeconfig_sha256` is hex; empty: the runner did not record it."""

    api_url: str
    console_url: str
    kubeconfig_s3_uri: str
    kubeconfig_version_id: str
    kubeadmin_secret_arn: str
    kubeconfig_sha256: str = ""


NAMES = tuple(field.name for field in fields(Outputs))
_COLUMNS = ", ".join(NAMES)
# The fields of the one type are the columns.
GET = text(f"SELECT {_COLUMNS} FROM cluster_outputs WHERE cluster_id = :cluster_id")  # noqa: S608 - our own names
PUT = text(
    f"INSERT INTO cluster_outputs (cluster_id, {_COLUMNS}) VALUES (:cluster_id, {', '.join(f':{n}' for n in NAMES)})"  # noqa: S608 - our own names
    f" ON CONFLICT (cluster_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in NAMES)}"
)


def get(tx: Transaction, cluster_id: str) -> Outputs | None:
    """The outputs, once the cluster was READY."""
    row = tx.execute(GET, {"cluster_id": cluster_id}).one_or_none()
    return None if row is None else Outputs(**row._mapping)


def put(tx: Transaction, cluster_id: ClusterId, outputs: Outputs) -> None:
    """Stores the outputs; they replace those of an earlier attempt."""
    tx.execute(PUT, {"cluster_id": cluster_id, **asdict(outputs)})
