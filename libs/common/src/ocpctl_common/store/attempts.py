"""Attempts: one run of a job under one fencing token; whether it needs cleanup, or is verified."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ocpctl_common.errors import NotFound, Refused, StaleState
from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import Outcome, RunMode
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Attempt, read

# Whether somebody was allowed to use the DNS name after `a`, or may use a name below it: the same name again, or a
# cluster whose base domain is this cluster's domain. What was proven gone counts too, since its proof was its own.
_NAME_USED_SINCE = """
 EXISTS (SELECT 1 FROM clusters mine
         JOIN clusters c ON c.base_domain = mine.base_domain AND c.name = mine.name
                         OR c.base_domain = mine.name || '.' || mine.base_domain
         JOIN attempts other ON other.cluster_id = c.id
         WHERE mine.id = a.cluster_id AND other.id <> a.id
           AND (other.authorized_at > a.authorized_at
                OR other.cleanup = 'REQUIRED' AND c.base_domain <> mine.base_domain))
"""
_COLUMNS = f"""
 id, job_id, number, mode, fence, region, installer_version, infra_id, metadata, metadata_sha256,
       aws_account_id AS account_id, snapshot_key, snapshot_version, resweeps, cleanup,
       incident_at IS NOT NULL AS found_again,
       extract(epoch FROM clock_timestamp() - started_at)::float8 AS seconds,
       {_NAME_USED_SINCE} AS name_used_since
"""
_SELECT = f"SELECT {_COLUMNS} FROM attempts a"  # noqa: S608 - parts of ours only
SELECT = text(_SELECT + " WHERE id = :id AND cluster_id = :cluster_id")
SELECT_NEEDING_CLEANUP = text(_SELECT + " WHERE cluster_id = :cluster_id AND cleanup = 'REQUIRED' ORDER BY fence")
SELECT_NOT_ENDED = text(_SELECT + " WHERE cluster_id = :cluster_id AND ended_at IS NULL ORDER BY fence")
# What a sweep looks for: proven gone and due for another look, or found again by a sweep and not yet proven anew. While
# the cluster is DESTROYING, all that needs cleanup: the verification is the only job then.
SELECT_TO_VERIFY = text(
    _SELECT  # noqa: S608 - parts of ours only
    + """ WHERE cluster_id = :cluster_id AND (cleanup = 'VERIFIED' AND resweep_due_at <= clock_timestamp()
          OR cleanup = 'REQUIRED' AND (incident_at IS NOT NULL OR EXISTS (
            SELECT 1 FROM clusters c WHERE c.id = a.cluster_id AND c.status = 'DESTROYING')))
          ORDER BY fence"""
)
INSERT = text(f"""
INSERT INTO attempts AS a (id, job_id, cluster_id, number, mode, fence, runner, region, installer_version,
                           aws_account_id)
VALUES (:id, :job_id, :cluster_id, :number, :mode, :fence, :runner, :region, :installer_version, :account_id)
RETURNING {_COLUMNS}
""")  # noqa: S608
# Write-once, and the only step that demands a lease that has not expired: the gate before money.
AUTHORIZE = text("""
UPDATE attempts SET authorized_at = clock_timestamp(), cleanup = 'REQUIRED', infra_id = :infra_id,
  metadata = :metadata, metadata_sha256 = :metadata_sha256, aws_account_id = :account_id,
  snapshot_key = :snapshot_key, snapshot_version = :snapshot_version, installer_sha256 = :installer_sha256
WHERE id = :id AND fence = :fence AND authorized_at IS NULL AND ended_at IS NULL
  AND EXISTS (SELECT 1 FROM job_locks l WHERE l.attempt_id = attempts.id AND l.fence = :fence
              AND l.expires_at > clock_timestamp())
""")
ADVANCE_PROGRESS = text("""
UPDATE attempts SET progress_seq = :sequence WHERE id = :id AND fence = :fence AND progress_seq < :sequence
""")
ADVANCE_SNAPSHOT = text("""
UPDATE attempts SET snapshot_seq = :sequence WHERE id = :id AND fence = :fence AND snapshot_seq < :sequence
""")
INSERT_ARTIFACT = text("""
INSERT INTO cluster_artifacts (cluster_id, attempt_id, fence, artifact_type, s3_uri, version_id, checksum, size_bytes)
VALUES (:cluster_id, :attempt_id, :fence, :artifact_type, :s3_uri, :version_id, :checksum, :size_bytes)
""")
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
COUNT_HANDED_BACK = text("""
SELECT count(*) FROM attempts
WHERE job_id = :job_id AND failure_class = :failure_class AND (mode = ANY(:own_work)) = :tries
""")
END = text(f"""
UPDATE attempts a SET ended_at = clock_timestamp(), outcome = :outcome, exit_code = :exit_code,
  failure_class = :failure_class, message = :message, failure_rule = :failure_rule, log_tail = :log_tail
WHERE id = :id AND cluster_id = :cluster_id AND ended_at IS NULL
RETURNING {_COLUMNS}
""")  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What must be durable before anything may be created."""

    attempt_id: AttemptId
    fence: int
    infra_id: str
    metadata: str
    metadata_sha256: str
    account_id: str
    snapshot_key: str
    snapshot_version: str
    installer_sha256: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttempt:
    """What is stored when a run of a job begins."""

    id: AttemptId
    job_id: JobId
    cluster_id: ClusterId
    number: int
    mode: RunMode
    fence: int
    runner: str
    region: str
    installer_version: str
    account_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How an attempt ended. `failure_rule` and `log_tail` are for operators."""

    outcome: Outcome
    exit_code: int = -1
    failure_class: str = ""
    message: str = ""
    failure_rule: str = ""
    log_tail: str = ""


def insert(tx: Transaction, attempt: NewAttempt) -> Attempt:
    """Stores an attempt that has not ended and may create nothing yet."""
    return read(Attempt, tx.execute(INSERT, _values(attempt)).one())


def get(tx: Transaction, cluster_id: ClusterId, attempt_id: AttemptId) -> Attempt:
    """Raises NotFound, also when the attempt belongs to another cluster."""
    row = tx.execute(SELECT, {"id": attempt_id, "cluster_id": cluster_id}).one_or_none()
    if row is None:
        raise NotFound(f"no attempt {attempt_id} of {cluster_id}")
    return read(Attempt, row)


def needing_cleanup(tx: Transaction, cluster_id: ClusterId) -> list[Attempt]:
    """Attempts that may have left resources, oldest first."""
    return [read(Attempt, row) for row in tx.execute(SELECT_NEEDING_CLEANUP, {"cluster_id": cluster_id})]


def to_verify(tx: Transaction, cluster_id: ClusterId) -> list[Attempt]:
    """Attempts that a sweep of the cluster looks for, oldest first."""
    return [read(Attempt, row) for row in tx.execute(SELECT_TO_VERIFY, {"cluster_id": cluster_id})]


def not_ended(tx: Transaction, cluster_id: ClusterId) -> list[Attempt]:
    """Attempts without an end, oldest first: they run, or their runner is lost."""
    return [read(Attempt, row) for row in tx.execute(SELECT_NOT_ENDED, {"cluster_id": cluster_id})]


def verified_again(tx: Transaction, attempt: Attempt, next_seconds: float | None) -> None:
    """Another look found nothing. The next one is due `next_seconds` after the proof; None: that was the last one."""
    tx.execute(LOOKED_AGAIN, {"id": attempt.id, "next_seconds": next_seconds})


def found_again(tx: Transaction, attempt: Attempt) -> bool:
    """Something that was verified as gone exists, so the attempt needs cleanup again. False: it did already."""
    return tx.execute(FOUND_AGAIN, {"id": attempt.id}).rowcount == 1


def authorize(tx: Transaction, authorization: Authorization) -> None:
    """Records identity and metadata, once, while the lease has not expired. Raises Refused."""
    try:
        written = tx.execute(AUTHORIZE, _values(authorization) | {"id": authorization.attempt_id}).rowcount
    except IntegrityError as error:
        raise Refused("this infra id was authorised before", reason="INFRA_ID_REUSED") from error
    if written != 1:
        raise Refused("the lease expired, or the attempt was authorised before", reason="NOT_AUTHORIZABLE")


def advance_progress(tx: Transaction, attempt: Attempt, sequence: int) -> bool:
    """Whether `sequence` is newer than everything seen of this attempt; it is remembered."""
    values = {"id": attempt.id, "fence": attempt.fence, "sequence": sequence}
    return tx.execute(ADVANCE_PROGRESS, values).rowcount == 1


def add_artifact(tx: Transaction, artifact: Artifact, *, sequence: int) -> None:
    """Records an artifact. Raises Refused when `sequence` does not grow."""
    values = {"id": artifact.attempt_id, "fence": artifact.fence, "sequence": sequence}
    if tx.execute(ADVANCE_SNAPSHOT, values).rowcount != 1:
        raise Refused("an artifact with this or a later sequence is recorded", reason="SEQUENCE_NOT_GROWING")
    tx.execute(INSERT_ARTIFACT, _values(artifact))


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


def handed_back(tx: Transaction, job_id: JobId, *, tries: bool) -> int:
    """How many of a job's runs that did its own work (`tries`), or clean-ups, have ended with a runner's own fault."""
    own_work = [mode for mode, run in RUNS.items() if run.own_work]
    values = {"job_id": job_id, "failure_class": RUNNER, "own_work": own_work, "tries": tries}
    return int(tx.execute(COUNT_HANDED_BACK, values).scalar_one())


def end(tx: Transaction, cluster_id: ClusterId, attempt_id: AttemptId, how: End) -> Attempt:
    """The attempt, which ends, once. Raises NotFound, StaleState."""
    row = tx.execute(END, _values(how) | {"id": attempt_id, "cluster_id": cluster_id}).one_or_none()
    if row is None:
        raise StaleState(f"attempt {get(tx, cluster_id, attempt_id).id}", expected="running", found="ended")
    return read(Attempt, row)


def is_receipt(receipt: str) -> bool:
    """Whether a receipt is a JSON object whose last two checks found nothing: the proof the state machine needs."""
    checks = json.loads(receipt).get("checks", [])
    return len(checks) >= 2 and all(not any(check["found"].values()) for check in checks[-2:])  # noqa: PLR2004 - a proof is two looks


def _values(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).__slots__}
