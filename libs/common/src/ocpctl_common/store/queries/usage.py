"""What clusters cost, added up by group from the samples (`store/usage.py` writes them)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction


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


_USAGE = """
SELECT c.{column} AS key, c.team, count(DISTINCT u.cluster_id) AS clusters, sum(u.seconds) AS seconds,
       round(sum(u.seconds::numeric * u.estimated_hourly_cost_micros) / 3600)::bigint AS cost_micros
FROM usage_samples u JOIN clusters c ON c.id = u.cluster_id
WHERE u.sample_time >= :begin AND u.sample_time < :end GROUP BY 1, 2
"""
USAGE = {group: text(_USAGE.format(column=group.value)) for group in Group}
MARK = text("SELECT sampled_until FROM usage_mark")


def usage(tx: Transaction, group: Group, *, begin: datetime, end: datetime) -> list[UsageView]:
    """What was used from `begin` until `end`, by group and team."""
    return [UsageView(**row._mapping) for row in tx.execute(USAGE[group], {"begin": begin, "end": end})]


def sampled_until(tx: Transaction) -> datetime:
    """Until when usage is known."""
    known: datetime = tx.execute(MARK).scalar_one()
    return known
