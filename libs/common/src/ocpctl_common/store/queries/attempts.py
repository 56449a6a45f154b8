"""What people see of attempts: nothing that is for operators or for the machinery only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """A run of a job. None: it goes on; an exit code is None also when no installer ended."""

    id: str
    number: int
    mode: str
    fence: int
    installer_version: str
    infra_id: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    exit_code: int | None
    failure_class: str
    failure_rule: str
    message: str


# Runners write -1 for "no installer ended".
OF_JOB = text("""
SELECT * FROM (
  SELECT id, number, mode, fence, installer_version, coalesce(infra_id, '') AS infra_id, started_at, ended_at, outcome,
         nullif(exit_code, -1) AS exit_code, coalesce(failure_class, '') AS failure_class, failure_rule, message
  FROM attempts WHERE job_id = :job_id ORDER BY fence DESC LIMIT :limit
) AS newest ORDER BY fence
""")


def of_job(tx: Transaction, job_id: str, *, limit: int) -> list[AttemptView]:
    """The newest attempts of a job, at most `limit`, oldest first."""
    return [AttemptView(**row._mapping) for row in tx.execute(OF_JOB, {"job_id": job_id, "limit": limit})]
