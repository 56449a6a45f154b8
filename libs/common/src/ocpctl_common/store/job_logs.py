"""Lines of installers' logs for people who watch: appended under the lease, dropped when old."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.ids import AttemptId
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import deletion
from ocpctl_common.store.rows import Attempt

# A runner whose reply was lost sends the same line again, under the same number.
APPEND = text("""
INSERT INTO job_log_lines (job_id, attempt_id, fence, number, line)
SELECT :job_id, :attempt_id, :fence, :first + l.place - 1, l.line
FROM unnest(CAST(:lines AS text[])) WITH ORDINALITY AS l (line, place) ORDER BY l.place
ON CONFLICT (attempt_id, number) DO NOTHING
""")
PRUNE = text(deletion("job_log_lines", "created_at < statement_timestamp() - make_interval(days => :days)"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLines:
    """Lines of a running attempt; `first` is the number of the first of them within the attempt."""

    attempt_id: AttemptId
    first: int
    lines: Sequence[str]


def append(tx: Transaction, attempt: Attempt, added: LogLines) -> None:
    """Appends lines of an attempt whose cluster's lease row is locked. Lines that are stored already are skipped."""
    # PostgreSQL's text holds everything but NUL.
    lines = [line.replace("\0", "") for line in added.lines]
    values = {"job_id": attempt.job_id, "attempt_id": attempt.id, "fence": attempt.fence}
    tx.execute(APPEND, values | {"first": added.first, "lines": lines})


def prune(tx: Transaction, *, days: int, limit: int) -> int:
    """Deletes lines older than `days`, at most `limit`; returns how many."""
    return tx.execute(PRUNE, {"days": days, "limit": limit}).rowcount
