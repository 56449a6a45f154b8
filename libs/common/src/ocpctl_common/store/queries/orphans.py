"""Resources in the cloud that belong to nothing that lives: whose they may be, and which are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """An attempt as an owner. `live`: its resources may or must exist, or were proven gone only just now."""

    attempt_id: str
    infra_id: str | None
    live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanView:
    """An orphan as operators see it. `created_at` is when it was first seen."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None
    resource_arn: str
    infra_id: str
    resource_type: str
    account_id: str
    region: str


OWNERS = text("""
SELECT id AS attempt_id, infra_id,
       ended_at IS NULL OR cleanup = 'REQUIRED'
         OR coalesce(verified_at, ended_at) > clock_timestamp() - make_interval(secs => :grace) AS live
FROM attempts WHERE infra_id = ANY(CAST(:infra_ids AS text[])) OR id = ANY(CAST(:attempts AS text[]))
""")
# From one region to the next, however many attempts there were. No two platforms call a region by the same name, so one
# attempt tells whose it is.
REGIONS = text("""
WITH RECURSIVE regions AS (
  (SELECT region, cluster_id FROM attempts WHERE authorized_at IS NOT NULL ORDER BY region LIMIT 1)
  UNION ALL
  SELECT next.region, next.cluster_id FROM regions r CROSS JOIN LATERAL (
    SELECT a.region, a.cluster_id FROM attempts a WHERE a.authorized_at IS NOT NULL AND a.region > r.region
    ORDER BY a.region LIMIT 1
  ) AS next
)
SELECT r.region FROM regions r JOIN clusters c ON c.id = r.cluster_id WHERE c.platform = :platform ORDER BY 1
""")
PAGE = text("""
SELECT id::text, first_seen_at AS created_at, last_seen_at, resolved_at, resource_arn, infra_id, resource_type,
       account_id, region
FROM orphans WHERE (resolved_at IS NULL OR :resolved) AND (:before = 0 OR id < :before) ORDER BY id DESC LIMIT :limit
""")


def owners(
    tx: Transaction, *, infra_ids: Sequence[str], attempts: Sequence[str], grace_seconds: float
) -> list[Ownership]:
    """The attempts among these; what is proven gone counts as live for the grace, because tag searches lag."""
    values = {"infra_ids": list(infra_ids), "attempts": list(attempts), "grace": grace_seconds}
    return [Ownership(**row._mapping) for row in tx.execute(OWNERS, values)]


def regions(tx: Transaction, platform: str) -> list[str]:
    """Where in a cloud anything of ours was ever allowed to exist."""
    return [str(row[0]) for row in tx.execute(REGIONS, {"platform": platform})]


def page(tx: Transaction, *, include_resolved: bool, before: int, limit: int) -> list[OrphanView]:
    """At most `limit` orphans, the newest find first, with ids below `before` (0: all)."""
    rows = tx.execute(PAGE, {"resolved": include_resolved, "before": before, "limit": limit})
    return [OrphanView(**row._mapping) for row in rows]
