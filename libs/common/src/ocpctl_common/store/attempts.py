"""Attempts: one run of a job under one fencing token; whether it needs cleanup, or is verified."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ocpctl_common.errors import NotFound, Refused, StaleState
from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import CredentialsMode, Outcome, RunMode
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Attempt, read, values_of

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
SELECT_ATTEMPT = f"SELECT {_COLUMNS} FROM attempts a"  # noqa: S608 - parts of ours only
SELECT = text(SELECT_ATTEMPT + " WHERE id = :id AND cluster_id = :cluster_id")
SELECT_NEEDING_CLEANUP = text(
    SELECT_ATTEMPT + " WHERE cluster_id = :cluster_id AND cleanup = 'REQUIRED' ORDER BY fence"
)
SELECT_NOT_ENDED = text(SELECT_ATTEMPT + " WHERE cluster_id = :cluster_id AND ended_at IS NULL ORDER BY fence")
INSERT = text(f"""
INSERT INTO attempts AS a (id, job_id, cluster_id, number, mode, fence, runner, region, installer_version,
                           aws_account_id)
VALUES (:id, :job_id, :cluster_id, :number, :mode, :fence, :runner, :region, :installer_version, :account_id)
RETURNING {_COLUMNS}
""")  # noqa: S608 - parts of ours only
# Write-once, and the only step that demands a lease that has not expired: the gate before money.
AUTHORIZE = text("""
UPDATE attempts SET authorized_at = clock_timestamp(), cleanup = 'REQUIRED', infra_id = :infra_id,
  metadata = :metadata, metadata_sha256 = :metadata_sha256, aws_account_id = :account_id,
  snapshot_key = :snapshot_key, snapshot_version = :snapshot_version, installer_sha256 = :installer_sha256,
  credentials_mode = :credentials_mode
WHERE id = :id AND fence = :fence AND authorized_at IS NULL AND ended_at IS NULL
  AND EXISTS (SELECT 1 FROM job_locks l WHERE l.cluster_id = attempts.cluster_id AND l.attempt_id = attempts.id
              AND l.fence = :fence AND l.expires_at > clock_timestamp())
""")
ADVANCE_PROGRESS = text("""
UPDATE attempts SET progress_seq = :sequence WHERE id = :id AND fence = :fence AND progress_seq < :sequence
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
""")  # noqa: S608 - parts of ours only


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
    credentials_mode: CredentialsMode


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
    return read(Attempt, tx.execute(INSERT, values_of(attempt)).one())


def get(tx: Transaction, cluster_id: ClusterId, attempt_id: AttemptId) -> Attempt:
    """Raises NotFound, also when the attempt belongs to another cluster."""
    row = tx.execute(SELECT, {"id": attempt_id, "cluster_id": cluster_id}).one_or_none()
    if row is None:
        raise NotFound(f"no attempt {attempt_id} of {cluster_id}")
    return read(Attempt, row)


def needing_cleanup(tx: Transaction, cluster_id: ClusterId) -> list[Attempt]:
    """Attempts that may have left resources, oldest first."""
    return [read(Attempt, row) for row in tx.execute(SELECT_NEEDING_CLEANUP, {"cluster_id": cluster_id})]


def not_ended(tx: Transaction, cluster_id: ClusterId) -> list[Attempt]:
    """Attempts without an end, oldest first: they run, or their runner is lost."""
    return [read(Attempt, row) for row in tx.execute(SELECT_NOT_ENDED, {"cluster_id": cluster_id})]


def authorize(tx: Transaction, authorization: Authorization) -> None:
    """Records identity and metadata, once, while the lease has not expired. Raises Refused."""
    try:
        written = tx.execute(AUTHORIZE, values_of(authorization) | {"id": authorization.attempt_id}).rowcount
    except IntegrityError as error:
        raise Refused("this infra id was authorised before", reason="INFRA_ID_REUSED") from error
    if written != 1:
        raise Refused("the lease expired, or the attempt was authorised before", reason="NOT_AUTHORIZABLE")


def advance_progress(tx: Transaction, attempt: Attempt, sequence: int) -> bool:
    """Whether `sequence` is newer than everything seen of this attempt; it is remembered."""
    values = {"id": attempt.id, "fence": attempt.fence, "sequence": sequence}
    return tx.execute(ADVANCE_PROGRESS, values).rowcount == 1


def handed_back(tx: Transaction, job_id: JobId, *, tries: bool) -> int:
    """How many of a job's runs that did its own work (`tries`), or clean-ups, have ended with a runner's own fault."""
    own_work = [mode for mode, run in RUNS.items() if run.own_work]
    values = {"job_id": job_id, "failure_class": RUNNER, "own_work": own_work, "tries": tries}
    return int(tx.execute(COUNT_HANDED_BACK, values).scalar_one())


def end(tx: Transaction, cluster_id: ClusterId, attempt_id: AttemptId, how: End) -> Attempt:
    """The attempt, which ends, once. Raises NotFound, StaleState."""
    row = tx.execute(END, values_of(how) | {"id": attempt_id, "cluster_id": cluster_id}).one_or_none()
    if row is None:
        raise StaleState(f"attempt {get(tx, cluster_id, attempt_id).id}", expected="running", found="ended")
    return read(Attempt, row)
