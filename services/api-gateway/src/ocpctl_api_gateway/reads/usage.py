"""The usage report within what its caller may see."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import usage
from ocpctl_common.store.queries.usage import Group, UsageView

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group, or all of them."""

    key: str
    clusters: int
    seconds: int
    cost_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """The dearest group first. Usage after `sampled_until` is not known yet."""

    group: Group
    rows: list[Row]
    sampled_until: datetime

    @property
    def total(self) -> Row:
        """All rows together."""
        return added_up("", self.rows)


def read(engine: Database, caller: Principal, group: Group, *, begin: datetime, end: datetime) -> UsageReport:
    """The usage of the teams that the caller sees. Raises Unavailable."""
    with autocommit(engine) as tx:
        known_until = usage.sampled_until(tx)
        found = usage.usage(tx, group, begin=begin, end=end)
    by_key: defaultdict[str, list[UsageView]] = defaultdict(list)
    for view in found:
        if rbac.sees(caller, view.team):
            by_key[view.key].append(view)
    rows = [added_up(key, views) for key, views in by_key.items()]
    rows.sort(key=lambda row: (-row.cost_micros, row.key))
    return UsageReport(group=group, rows=rows, sampled_until=known_until)


def added_up(key: str, parts: Iterable[UsageView | Row]) -> Row:
    """One row of several. A cluster is in one part only."""
    parts = list(parts)
    return Row(
        key=key,
        clusters=sum(part.clusters for part in parts),
        seconds=sum(part.seconds for part in parts),
        cost_micros=sum(part.cost_micros for part in parts),
    )
