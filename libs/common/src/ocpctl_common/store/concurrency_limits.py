"""The concurrency pool: counted under the lock of the account's row, so that two grants cannot both be the last one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.job_kinds import KINDS
from ocpctl_common.lifecycle.run_modes import RUNS
from ocpctl_common.lifecycle.states import WAITING_JOBS, RunMode
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals

MAKE = text("INSERT INTO account_budgets (account_id, region) VALUES (:account_id, :region) ON CONFLICT DO NOTHING")
_LOWERED = """
SELECT lowered_to, coalesce(extract(epoch FROM clock_timestamp() - lowered_at), 0)::float8 AS seconds
FROM account_budgets WHERE account_id = :account_id AND region = :region
"""
LOWERED = text(_LOWERED)
LOCK = text(_LOWERED + " FOR UPDATE")
COUNT = text("""
SELECT count(*) FROM attempts WHERE ended_at IS NULL AND aws_account_id = :account_id AND :region IN (region, '')
  AND (mode = ANY(:creating)) = :installs
""")
LOWER = text("""
UPDATE account_budgets SET lowered_to = :lowered_to, lowered_at = clock_timestamp()
WHERE account_id = :account_id AND region = :region
""")
# Destroys first: they end cost. Then whoever waits longest.
WAITING = text(f"""
SELECT id FROM jobs WHERE waits_for = :pool AND status IN {literals(WAITING_JOBS)}
ORDER BY job_type = ANY(:creating), created_at, id LIMIT 1
""")  # noqa: S608 - our own words


CREATING_MODES = [mode for mode, run in RUNS.items() if run.may_create]
CREATING_JOBS = [job_type for job_type, kind in KINDS.items() if kind.run in CREATING_MODES]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyPool:
    """What attempts are counted by. An empty region: the limits are those of the whole account."""

    account_id: str
    region: str
    installs: bool

    @classmethod
    def of(cls, account_id: str, region: str, mode: RunMode) -> "ConcurrencyPool":
        """Where a run counts."""
        return cls(account_id=account_id, region=region, installs=RUNS[mode].may_create)

    @property
    def key(self) -> str:
        """The word under which jobs wait for it."""
        return f"{self.account_id}/{self.region}/{'creates' if self.installs else 'destroys'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyLoad:
    """An account: since when (seconds) its number of creates is lowered, and how many runs the pool has."""

    lowered_to: int | None
    seconds_since: float
    running: int


def lock(tx: Transaction, pool: ConcurrencyPool) -> ConcurrencyLoad:
    """Locks the account's row until the transaction ends. Take the cluster's lease row first."""
    values = _values(pool)
    tx.execute(MAKE, values)
    row = tx.execute(LOCK, values).one()
    return ConcurrencyLoad(lowered_to=row[0], seconds_since=row[1], running=tx.execute(COUNT, values).scalar_one())


def load(tx: Transaction, pool: ConcurrencyPool) -> ConcurrencyLoad:
    """The same without a lock: true when it is read."""
    values = _values(pool)
    row = tx.execute(LOWERED, values).one_or_none() or (None, 0.0)
    return ConcurrencyLoad(lowered_to=row[0], seconds_since=row[1], running=tx.execute(COUNT, values).scalar_one())


def _values(pool: ConcurrencyPool) -> dict[str, Any]:
    return {
        "account_id": pool.account_id,
        "region": pool.region,
        "installs": pool.installs,
        "creating": CREATING_MODES,
    }


def lower(tx: Transaction, pool: ConcurrencyPool, lowered_to: int) -> None:
    """The cloud has throttled the account, whose row is locked."""
    tx.execute(LOWER, {"account_id": pool.account_id, "region": pool.region, "lowered_to": lowered_to})


def next_waiting(tx: Transaction, pool: ConcurrencyPool) -> JobId | None:
    """The job that is to be dispatched when a run of the pool has ended."""
    return tx.execute(WAITING, {"pool": pool.key, "creating": CREATING_JOBS}).scalar_one_or_none()
