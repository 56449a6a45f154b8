"""Attempts that are verified: the receipt of each, and what post-destroy verification has found since."""

import json

from sqlalchemy import text

from ocpctl_common.ids import AttemptId, ClusterId
from ocpctl_common.store.attempts import SELECT_ATTEMPT
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Attempt, read

# Of post-destroy verification: verified and due again, or found again and not yet verified anew. While
# the cluster is DESTROYING, all that needs cleanup: the verification is the only job then.
SELECT_TO_VERIFY = text(
    SELECT_ATTEMPT  # noqa: S608 - parts of ours only
    + """ WHERE cluster_id = :cluster_id AND (cleanup = 'VERIFIED' AND resweep_due_at <= clock_timestamp()
          OR cleanup = 'REQUIRED' AND (incident_at IS NOT NULL OR EXISTS (
            SELECT 1 FROM clusters c WHERE c.id = a.cluster_id AND c.status = 'DESTROYING')))
          ORDER BY fence"""
)
VERIFY = text("""
UPDATE attempts SET cleanup = 'VERIFIED', verified_at = clock_timestamp(),
  resweeps = 0, incident_at = NULL, resweep_due_at = clock_timestamp() + make_interval(secs => :verification_seconds)
WHERE id = :id AND cluster_id = :cluster_id AND cleanup = 'REQUIRED'
""")
INSERT_RECEIPT = text("""
INSERT INTO destroy_receipts (attempt_id, cluster_id, verified_by_attempt, receipt)
VALUES (:attempt_id, :cluster_id, :verified_by, CAST(:receipt AS jsonb))
""")
LOOKED_AGAIN = text("""
UPDATE attempts SET resweeps = resweeps + 1, resweep_due_at = verified_at + make_interval(secs => :next_seconds)
WHERE id = :id AND cleanup = 'VERIFIED'
""")
FOUND_AGAIN = text("""
UPDATE attempts SET cleanup = 'REQUIRED', verified_at = NULL, resweep_due_at = NULL, incident_at = clock_timestamp()
WHERE id = :id AND cleanup = 'VERIFIED'
""")


def to_verify(tx: Transaction, cluster_id: ClusterId) -> list[Attempt]:
    """Attempts that a run of post-destroy verification is about, oldest first."""
    return [read(Attempt, row) for row in tx.execute(SELECT_TO_VERIFY, {"cluster_id": cluster_id})]


def verified_again(tx: Transaction, attempt: Attempt, next_seconds: float | None) -> None:
    """It found nothing again. The next verification is due `next_seconds` after the proof; None: there is none."""
    tx.execute(LOOKED_AGAIN, {"id": attempt.id, "next_seconds": next_seconds})


def found_again(tx: Transaction, attempt: Attempt) -> bool:
    """Something that was verified as gone exists, so the attempt needs cleanup again. False: it did already."""
    return tx.execute(FOUND_AGAIN, {"id": attempt.id}).rowcount == 1


def verify(
    tx: Transaction,
    cluster_id: ClusterId,
    attempt_id: AttemptId,
    *,
    receipt: str,
    by: AttemptId,
    verification_seconds: float,
) -> bool:
    """Records the proof that nothing of an attempt is left. False when it was recorded before."""
    proof = {"id": attempt_id, "cluster_id": cluster_id, "verification_seconds": verification_seconds}
    if tx.execute(VERIFY, proof).rowcount != 1:
        return False
    values = {"attempt_id": attempt_id, "cluster_id": cluster_id, "verified_by": by, "receipt": receipt}
    tx.execute(INSERT_RECEIPT, values)
    return True


def is_receipt(receipt: str) -> bool:
    """Whether a receipt is a JSON object whose last two checks found nothing: the proof the state machine needs."""
    checks = json.loads(receipt).get("checks", [])
    return len(checks) >= 2 and all(not any(check["found"].values()) for check in checks[-2:])  # noqa: PLR2004 - a proof is two checks
