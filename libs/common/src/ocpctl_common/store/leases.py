"""The lease and its fencing token, in the table `job_locks`.

Every transaction that touches a cluster locks this row first.
"""

from sqlalchemy import text

from ocpctl_common.errors import Fenced, NotFound
from ocpctl_common.ids import AttemptId, ClusterId, JobId
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import Lease, read

_COLUMNS = """
SELECT cluster_id, fence, job_id, attempt_id, locked_by, acquire_token::text AS acquire_token,
       coalesce(expires_at <= clock_timestamp(), false) AS expired
FROM job_locks
"""
LOCK = text(_COLUMNS + " WHERE cluster_id = :cluster_id FOR UPDATE")
# A job never changes its cluster, so it may be read before the lock.
LOCK_OF_JOB = text(
    _COLUMNS + " WHERE cluster_id = (SELECT cluster_id FROM jobs WHERE id = :job_id) FOR UPDATE"  # noqa: S608 - parts of ours only
)
LOCK_DEAD = text(
    _COLUMNS
    + """ WHERE cluster_id = :cluster_id AND fence = :fence AND locked_by IS NOT NULL
      AND expires_at + make_interval(secs => :quarantine) <= clock_timestamp() FOR UPDATE SKIP LOCKED"""
)
TAKE = text("""
UPDATE job_locks SET fence = :fence, job_id = :job_id, attempt_id = :attempt_id, locked_by = :runner,
  acquire_token = CAST(:token AS uuid), locked_at = clock_timestamp(), renewed_at = clock_timestamp(),
  expires_at = clock_timestamp() + make_interval(secs => :seconds)
WHERE cluster_id = :cluster_id AND locked_by IS NULL AND fence = :fence - 1
""")
RENEW = text("""
UPDATE job_locks SET renewed_at = clock_timestamp(),
  expires_at = clock_timestamp() + make_interval(secs => :seconds)
WHERE cluster_id = :cluster_id AND fence = :fence AND locked_by = :runner
  AND (SELECT deadline_at > clock_timestamp() FROM jobs WHERE jobs.id = job_locks.job_id)
RETURNING (SELECT cancel_requested_at IS NOT NULL FROM jobs WHERE jobs.id = job_locks.job_id)
""")
FREE = text("""
UPDATE job_locks SET job_id = NULL, attempt_id = NULL, locked_by = NULL, acquire_token = NULL, locked_at = NULL,
  renewed_at = NULL, expires_at = NULL, fence = fence + :step
WHERE cluster_id = :cluster_id AND fence = :fence AND locked_by = :runner
""")


def lock(tx: Transaction, cluster_id: ClusterId) -> Lease:
    """Locks the lease row until the transaction ends. Raises NotFound, Unavailable after the lock timeout."""
    row = tx.execute(LOCK, {"cluster_id": cluster_id}).one_or_none()
    if row is None:
        raise NotFound(f"no cluster {cluster_id}")
    return read(Lease, row)


def lock_of_job(tx: Transaction, job_id: JobId) -> Lease | None:
    """The same for the cluster of a job; None if the job is unknown."""
    row = tx.execute(LOCK_OF_JOB, {"job_id": job_id}).one_or_none()
    return None if row is None else read(Lease, row)


def lock_held(tx: Transaction, cluster_id: ClusterId, *, fence: int, runner: str) -> Lease:
    """Locks the row of a lease that `runner` says it holds. Raises Fenced when it does not (any more)."""
    lease = lock(tx, cluster_id)
    if lease.fence != fence or lease.locked_by != runner:
        raise Fenced(f"the lease of {cluster_id} with fence {fence} is lost; stop the installer, write nothing more")
    return lease


def lock_dead(tx: Transaction, cluster_id: ClusterId, *, fence: int, quarantine_seconds: float) -> Lease | None:
    """Locks a lease that expired longer than the quarantine ago; None: it lives, has changed, or is locked."""
    values = {"cluster_id": cluster_id, "fence": fence, "quarantine": quarantine_seconds}
    row = tx.execute(LOCK_DEAD, values).one_or_none()
    return None if row is None else read(Lease, row)


def take(
    tx: Transaction, lease: Lease, *, job_id: JobId, attempt_id: AttemptId, runner: str, token: str, seconds: float
) -> None:
    """Gives a free, locked lease to `runner` under the next fence. Raises Fenced if it is not free."""
    values = {
        "cluster_id": lease.cluster_id,
        "fence": lease.fence + 1,
        "job_id": job_id,
        "attempt_id": attempt_id,
        "runner": runner,
        "token": token,
        "seconds": seconds,
    }
    if tx.execute(TAKE, values).rowcount != 1:
        raise Fenced(f"the lease of {lease.cluster_id} is not free")


def renew(tx: Transaction, cluster_id: ClusterId, *, fence: int, runner: str, seconds: float) -> bool | None:
    """Extends the lease; returns whether a cancel is requested, or None when it is lost or its deadline has passed."""
    values = {"cluster_id": cluster_id, "fence": fence, "runner": runner, "seconds": seconds}
    row = tx.execute(RENEW, values).one_or_none()
    return None if row is None else bool(row[0])


def free(tx: Transaction, lease: Lease, *, advance_fence: bool = False) -> None:
    """Frees a held, locked lease; a takeover also advances the fence. Raises Fenced when it changed hands."""
    values = {
        "cluster_id": lease.cluster_id,
        "fence": lease.fence,
        "runner": lease.locked_by,
        "step": int(advance_fence),
    }
    if tx.execute(FREE, values).rowcount != 1:
        raise Fenced(f"the lease of {lease.cluster_id} with fence {lease.fence} is lost")
