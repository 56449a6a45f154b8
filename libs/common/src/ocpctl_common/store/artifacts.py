"""Artifacts: the objects in S3 that belong to an attempt."""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.errors import Refused
from ocpctl_common.ids import AttemptId, ClusterId
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import values_of

ADVANCE_SNAPSHOT = text("""
UPDATE attempts SET snapshot_seq = :sequence WHERE id = :id AND fence = :fence AND snapshot_seq < :sequence
""")
INSERT_ARTIFACT = text("""
INSERT INTO cluster_artifacts (cluster_id, attempt_id, fence, artifact_type, s3_uri, version_id, checksum, size_bytes)
VALUES (:cluster_id, :attempt_id, :fence, :artifact_type, :s3_uri, :version_id, :checksum, :size_bytes)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """An object in S3 that belongs to an attempt."""

    cluster_id: ClusterId
    attempt_id: AttemptId
    fence: int
    artifact_type: str
    s3_uri: str
    version_id: str
    checksum: str
    size_bytes: int


def add(tx: Transaction, artifact: Artifact, *, sequence: int) -> None:
    """Records an artifact. Raises Refused when `sequence` does not grow."""
    values = {"id": artifact.attempt_id, "fence": artifact.fence, "sequence": sequence}
    if tx.execute(ADVANCE_SNAPSHOT, values).rowcount != 1:
        raise Refused("an artifact with this or a later sequence is recorded", reason="SEQUENCE_NOT_GROWING")
    tx.execute(INSERT_ARTIFACT, values_of(artifact))
