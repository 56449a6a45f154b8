"""Resources in the cloud that belong to nothing that lives: whose they are, and what was found."""

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
class FoundOrphan:
    """A find."""

    resource_arn: str
    infra_id: str
    resource_type: str


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
REGIONS = text("""
SELECT DISTINCT a.region FROM attempts a JOIN clusters c ON c.id = a.cluster_id
WHERE a.authorized_at IS NOT NULL AND c.platform = :platform ORDER BY 1
""")
# A find that one look had missed is as old as before; one that two looks had missed is as fresh as a new one.
RECORD = text("""
INSERT INTO orphans AS o (resource_arn, infra_id, resource_type, account_id, region, first_seen_at, last_seen_at)
SELECT DISTINCT ON (f.arn) f.arn, f.infra_id, f.kind, :account_id, :region, statement_timestamp(), statement_timestamp()
FROM unnest(CAST(:arns AS text[]), CAST(:infra_ids AS text[]), CAST(:kinds AS text[])) AS f (arn, infra_id, kind)
ON CONFLICT (resource_arn) DO UPDATE SET last_seen_at = statement_timestamp(), resolved_at = NULL,
  missed_at = NULL,
  first_seen_at = CASE WHEN o.resolved_at IS NULL THEN o.first_seen_at ELSE statement_timestamp() END
RETURNING first_seen_at = last_seen_at AS fresh
""")
# The first look that misses one is remembered; a later one, apart from it, resolves. The pause is the database's.
MISS = text("""
UPDATE orphans SET missed_at = coalesce(missed_at, clock_timestamp()),
  resolved_at = CASE WHEN missed_at <= clock_timestamp() - make_interval(secs => :apart) THEN clock_timestamp() END
WHERE account_id = :account_id AND region = :region AND resolved_at IS NULL
  AND resource_arn <> ALL(CAST(:arns AS text[]))
""")
OPEN = text("""
SELECT count(*) FROM orphans WHERE account_id = :account_id AND region = :region AND resolved_at IS NULL
""")
PAGE = text("""
SELECT id::text, first_seen_at AS created_at, last_seen_at, resolved_at, resource_arn, infra_id, resource_type,
       account_id, region
FROM orphans WHERE (resolved_at IS NULL OR :resolved) AND (:before = 0 OR id < :before) ORDER BY id DESC LIMIT :most
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


def record(tx: Transaction, *, account_id: str, region: str, found: Sequence[FoundOrphan]) -> int:
    """Remembers finds; returns how many of them are new."""
    values = {
        "account_id": account_id,
        "region": region,
        "arns": [one.resource_arn for one in found],
        "infra_ids": [one.infra_id for one in found],
        "kinds": [one.resource_type for one in found],
    }
    return sum(row.fresh for row in tx.execute(RECORD, values))


def miss(tx: Transaction, *, account_id: str, region: str, still: Sequence[str], apart_seconds: float) -> None:
    """A whole look has found only `still`. What another look, so long ago or longer, had missed too is gone.

    One look proves nothing: a list that is read in pages loses entries while others are made.
    """
    values = {"account_id": account_id, "region": region, "arns": list(still), "apart": apart_seconds}
    tx.execute(MISS, values)


def count_open(tx: Transaction, *, account_id: str, region: str) -> int:
    """Orphans of a region that are not resolved."""
    return int(tx.execute(OPEN, {"account_id": account_id, "region": region}).scalar_one())


def page(tx: Transaction, *, include_resolved: bool, before: int, most: int) -> list[OrphanView]:
    """At most `most` orphans, the newest find first, with ids below `before` (0: all)."""
    rows = tx.execute(PAGE, {"resolved": include_resolved, "before": before, "most": most})
    return [OrphanView(**row._mapping) for row in rows]
