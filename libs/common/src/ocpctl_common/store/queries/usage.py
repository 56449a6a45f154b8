"""What clusters cost, added up by group: whole days from `usage_days`, the rest of a span from the samples.

`store/usage.py` writes the samples, and a trigger of the schema adds them up by day.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.rows import values_of


class Group(StrEnum):
    """What a row of a report stands for: a column of `clusters`."""

    TEAM = "team"
    OWNER = "owner"
    COST_CENTER = "cost_center"
    PLATFORM = "platform"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageView:
    """The usage of a team's clusters within a group. A cluster belongs to one team, so rows can be added up."""

    key: str
    team: str
    clusters: int
    seconds: int
    cost_micros: int


# By cluster first: the samples and days of a year are many times as many as its clusters.
_USAGE = """
SELECT c.{column} AS key, c.team, count(*) AS clusters, sum(u.seconds)::bigint AS seconds,
       round(sum(u.micros_seconds) / 3600)::bigint AS cost_micros
FROM (
  SELECT cluster_id, sum(seconds) AS seconds, sum(micros_seconds) AS micros_seconds FROM (
    SELECT cluster_id, seconds, micros_seconds FROM usage_days
    WHERE day >= CAST(:first_day AS date) AND day < CAST(:day_after AS date)
    UNION ALL
    SELECT cluster_id, seconds, seconds::bigint * estimated_hourly_cost_micros FROM usage_samples
    WHERE sample_time >= :begin AND sample_time < :begin_rest
       OR sample_time >= :end_rest AND sample_time < :end
  ) AS parts GROUP BY cluster_id
) AS u JOIN clusters c ON c.id = u.cluster_id GROUP BY 1, 2
"""
USAGE = {group: text(_USAGE.format(column=group.value)) for group in Group}
MARK = text("SELECT sampled_until FROM usage_mark")
OLDEST = text("SELECT coalesce(min(sample_time), clock_timestamp()) FROM usage_samples")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A span: samples until `begin_rest`, days from `first_day` until before `day_after`, samples from `end_rest`."""

    begin: datetime
    begin_rest: datetime
    first_day: datetime
    day_after: datetime
    end_rest: datetime
    end: datetime


def usage(tx: Transaction, group: Group, *, begin: datetime, end: datetime, known: datetime) -> list[UsageView]:
    """What was used from `begin` until `end`, by group and team; `known` is what `sampled_until` says.

    A day of which only a part is asked for is read from its samples. Where these are deleted it counts as a whole.
    """
    span = parts(begin, end, kept=kept_since(tx), known=known)
    return [UsageView(**row._mapping) for row in tx.execute(USAGE[group], values_of(span))]


def parts(begin: datetime, end: datetime, *, kept: datetime, known: datetime) -> Parts:
    """Whole days as far as they go; a day that is not over is whole when all that is `known` of it is asked for.

    `kept`: the time of the oldest sample; of the days before it there are sums only.
    """
    first = _midnight(begin) if begin < _midnight(kept) else _midnight_after(begin)
    last = _midnight_after(end) if end <= _midnight(kept) or end >= known else _midnight(end)
    if first >= last:
        return Parts(begin=begin, begin_rest=end, first_day=first, day_after=first, end_rest=end, end=end)
    return Parts(begin=begin, begin_rest=max(begin, first), first_day=first, day_after=last, end_rest=last, end=end)


def _midnight(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _midnight_after(time: datetime) -> datetime:
    return _midnight(time + A_DAY - timedelta(microseconds=1))


def kept_since(tx: Transaction) -> datetime:
    """The time of the oldest sample that is kept; now when there is none."""
    oldest: datetime = tx.execute(OLDEST).scalar_one()
    return oldest


def sampled_until(tx: Transaction) -> datetime:
    """Until when usage is known."""
    known: datetime = tx.execute(MARK).scalar_one()
    return known
