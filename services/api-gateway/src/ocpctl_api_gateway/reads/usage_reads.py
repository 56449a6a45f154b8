"""The usage report of the teams that the caller sees."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ocpctl.v1 import report_service_pb2 as pb
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import usage
from ocpctl_common.store.queries.usage import Group, UsageView

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group, or the sum of all groups."""

    key: str
    clusters: int
    seconds: int
    cost_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """The most expensive group first. Usage after `sampled_until` is not known yet."""

    group: Group
    rows: list[Row]
    sampled_until: datetime

    @property
    def total(self) -> Row:
        """The sum of all rows."""
        return added_up("", self.rows)


@dataclass(frozen=True, slots=True)
class UsageReads:
    """Raises InvalidRequest for a wrong span of time, Unavailable."""

    engine: Database

    def report(self, caller: Principal, request: pb.GetUsageRequest | pb.GetUsageCsvRequest) -> UsageReport:
        """The report; without a group in the request, a row is a team."""
        begin, end = spans.whole(request.from_time, request.to_time)
        group = Group[pb.UsageGroup.Value.Name(request.group_by or pb.UsageGroup.TEAM)]
        with autocommit(self.engine) as tx:
            sampled_until = usage.sampled_until(tx)
            found = usage.usage(tx, group, begin=begin, end=end, known=sampled_until)
        rows = grouped(view for view in found if rbac.sees(caller, view.team))
        return UsageReport(group=group, rows=rows, sampled_until=sampled_until)


def grouped(views: Iterable[UsageView]) -> list[Row]:
    """One row a key, the most expensive first."""
    by_key: defaultdict[str, list[UsageView]] = defaultdict(list)
    for view in views:
        by_key[view.key].append(view)
    rows = [added_up(key, parts) for key, parts in by_key.items()]
    return sorted(rows, key=lambda row: (-row.cost_micros, row.key))


def added_up(key: str, parts: Iterable[UsageView | Row]) -> Row:
    """The sum of rows. No cluster is in two of them."""
    parts = list(parts)
    return Row(
        key=key,
        clusters=sum(part.clusters for part in parts),
        seconds=sum(part.seconds for part in parts),
        cost_micros=sum(part.cost_micros for part in parts),
    )
