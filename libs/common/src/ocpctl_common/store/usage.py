"""What clusters cost: samples on a fixed grid of time.

The status of a cluster at the time of a sample is read from the audit, so a sample is the same whether it is written at
once or after an outage; the mark of how far sampling has come is locked, so none is written twice.
"""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import deletion

# A status change that is not committed yet must not be missed: sampling stays behind it.
LAG_SECONDS = 3
LOCK_SPAN = text("""
SELECT sampled_until AS begin,
       least(clock_timestamp() - make_interval(secs => :lag), sampled_until + interval '1 hour') AS until,
       sampled_until + interval '1 hour' >= clock_timestamp() - make_interval(secs => :lag) AS done
FROM usage_mark FOR UPDATE
""")
# Points of the grid within the span; a cluster counts when the audit says that it cost something at that moment. One
# that has given its name back costs nothing since, unless something of it was found again.
SAMPLE = text("""
INSERT INTO usage_samples (cluster_id, sample_time, seconds, estimated_hourly_cost_micros, status)
SELECT c.id, point, :seconds, c.hourly_cost_micros, was.status
FROM clusters c
JOIN generate_series(
  date_bin(make_interval(secs => :seconds), CAST(:begin AS timestamptz), 'epoch') + make_interval(secs => :seconds),
  CAST(:until AS timestamptz), make_interval(secs => :seconds)) AS point ON c.created_at <= point
CROSS JOIN LATERAL (
  SELECT e.to_status AS status FROM audit_events e
  WHERE e.target_cluster_id = c.id AND e.to_status <> '' AND e.created_at <= point ORDER BY e.seq DESC LIMIT 1
) AS was
WHERE was.status IN ('CREATING','READY','SCALING','DESTROYING')
  AND (c.status IN ('CREATING','READY','SCALING','DESTROYING') OR c.name_released_at IS NULL
       OR c.name_released_at >= :begin OR c.destroyed_at >= :begin)
ON CONFLICT DO NOTHING
""")
# Whole days only: a report takes a day from its samples or from its sum.
_OLD = "sample_time < date_trunc('day', statement_timestamp() - make_interval(days => :days), 'UTC')"
PRUNE = text(deletion("usage_samples", f"{_OLD} ORDER BY sample_time"))
MOVE_MARK = text("UPDATE usage_mark SET sampled_until = :until WHERE sampled_until < :until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """How many samples were written; `done`: nothing more is due."""

    samples: int
    done: bool


def sample(tx: Transaction, *, seconds: int) -> Sampled:
    """Writes the samples that are due, of one hour at most. Two callers at once write nothing twice."""
    span = tx.execute(LOCK_SPAN, {"lag": LAG_SECONDS}).one()
    written = tx.execute(SAMPLE, {"seconds": seconds, "begin": span.begin, "until": span.until}).rowcount
    tx.execute(MOVE_MARK, {"until": span.until})
    return Sampled(samples=written, done=span.done)


def prune(tx: Transaction, *, days: int, limit: int) -> int:
    """Deletes samples older than `days`, at most `limit`, oldest first; what they add up to by day stays."""
    return tx.execute(PRUNE, {"days": days, "limit": limit}).rowcount
