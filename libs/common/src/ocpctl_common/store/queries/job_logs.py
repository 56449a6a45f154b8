"""Lines of installers' logs, by job."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction

AFTER = text("""
SELECT id, created_at, attempt_id, fence, line FROM job_log_lines
WHERE job_id = :job_id AND id > :after ORDER BY id LIMIT :limit
""")
BEFORE_TAIL = text("""
SELECT min(id) - 1 FROM (SELECT id FROM job_log_lines WHERE job_id = :job_id AND id > :after
                         ORDER BY id DESC LIMIT :tail) AS newest
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLineView:
    """A line. `id` grows with every line of the job."""

    id: int
    created_at: datetime
    attempt_id: str
    fence: int
    line: str


def lines(tx: Transaction, job_id: str, *, after: int, limit: int) -> list[LogLineView]:
    """At most `limit` lines of a job after an id, in the order in which they came."""
    rows = tx.execute(AFTER, {"job_id": job_id, "after": after, "limit": limit})
    return [LogLineView(**row._mapping) for row in rows]


def before_tail(tx: Transaction, job_id: str, *, after: int, tail: int) -> int:
    """The id after which the newest `tail` lines begin."""
    found = tx.execute(BEFORE_TAIL, {"job_id": job_id, "after": after, "tail": tail}).scalar_one()
    return after if found is None else int(found)
