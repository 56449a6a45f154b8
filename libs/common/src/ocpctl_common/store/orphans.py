"""Resources in the cloud that belong to nothing that lives: what a search has found, and what is gone since."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrphan:
    """A resource that a search has found and that no living attempt owns."""

    resource_arn: str
    infra_id: str
    resource_type: str


# An orphan that one search missed keeps its age. One that was resolved and is found again counts as new.
RECORD = text("""
INSERT INTO orphans AS o (resource_arn, infra_id, resource_type, account_id, region, first_seen_at, last_seen_at)
SELECT DISTINCT ON (f.arn) f.arn, f.infra_id, f.kind, :account_id, :region, statement_timestamp(), statement_timestamp()
FROM unnest(CAST(:arns AS text[]), CAST(:infra_ids AS text[]), CAST(:kinds AS text[])) AS f (arn, infra_id, kind)
ON CONFLICT (resource_arn) DO UPDATE SET last_seen_at = statement_timestamp(), resolved_at = NULL,
  missed_at = NULL,
  first_seen_at = CASE WHEN o.resolved_at IS NULL THEN o.first_seen_at ELSE statement_timestamp() END
RETURNING first_seen_at = last_seen_at AS fresh
""")
# The first search that misses an orphan is remembered; a later one resolves it. The database's clock decides.
MISS = text("""
UPDATE orphans SET missed_at = coalesce(missed_at, clock_timestamp()),
  resolved_at = CASE WHEN missed_at <= clock_timestamp() - make_interval(secs => :apart) THEN clock_timestamp() END
WHERE account_id = :account_id AND region = :region AND resolved_at IS NULL
  AND resource_arn <> ALL(CAST(:arns AS text[]))
""")
OPEN = text("""
SELECT count(*) FROM orphans WHERE account_id = :account_id AND region = :region AND resolved_at IS NULL
""")


def record(tx: Transaction, *, account_id: str, region: str, found: Sequence[FoundOrphan]) -> int:
    """Stores what a search has found; returns how many are new."""
    values = {
        "account_id": account_id,
        "region": region,
        "arns": [one.resource_arn for one in found],
        "infra_ids": [one.infra_id for one in found],
        "kinds": [one.resource_type for one in found],
    }
    return sum(row.fresh for row in tx.execute(RECORD, values))


def miss(tx: Transaction, *, account_id: str, region: str, still: Sequence[str], apart_seconds: float) -> None:
    """A complete search has found only `still`. Resolves what an earlier search, `apart_seconds` ago, missed too.

    One search proves nothing: a list that is read in pages loses entries while others are made.
    """
    values = {"account_id": account_id, "region": region, "arns": list(still), "apart": apart_seconds}
    tx.execute(MISS, values)


def count_open(tx: Transaction, *, account_id: str, region: str) -> int:
    """Orphans of a region that are not resolved."""
    return int(tx.execute(OPEN, {"account_id": account_id, "region": region}).scalar_one())
