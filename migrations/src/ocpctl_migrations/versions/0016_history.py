"""What people and sweeps ask of years of history is read from indexes; a job knows its team.

Revision ID: 0016
Revises: 0015
"""

from alembic import op
from sqlalchemy import text

revision = "0016"
down_revision = "0015"

# A page is in the order of its list, so an index that begins with the filter is read no further than the page is long.
NEW = {
    "clusters_living_page": "clusters (created_at DESC, id DESC) WHERE status <> 'DESTROYED'",
    "clusters_team_living": "clusters (team, created_at DESC, id DESC) WHERE status <> 'DESTROYED'",
    "clusters_name": "clusters (name, created_at DESC, id DESC)",
    "clusters_owner_page": "clusters (owner, created_at DESC, id DESC)",
    "clusters_profile_page": "clusters (profile, created_at DESC, id DESC)",
    "clusters_platform_page": "clusters (platform, created_at DESC, id DESC)",
    "clusters_by_status": "clusters (status, platform) WHERE status <> 'DESTROYED'",
    # Until when a cluster may have cost something: FAILED ones of years ago are no more live than destroyed ones.
    "clusters_released": "clusters (name_released_at) WHERE name_released_at IS NOT NULL",
    "jobs_team_page": "jobs (team, id DESC)",
    "jobs_status_page": "jobs (status, id DESC)",
    "jobs_type_page": "jobs (job_type, id DESC)",
    "attempts_regions": "attempts (region) WHERE authorized_at IS NOT NULL",
    "audit_events_actor": "audit_events (actor, seq)",
    "audit_events_action": "audit_events (action, seq)",
    "audit_events_correlation": "audit_events (correlation_id, seq)",
    "audit_events_denied": "audit_events (seq) WHERE outcome = 'DENIED'",
    "audit_events_at": "audit_events (created_at)",
}
OLD = {
    "clusters_live": "clusters (platform, status) WHERE status <> 'DESTROYED'",
    "audit_events_time": "audit_events USING brin (created_at)",
}


# Few domains, and many clusters in each: PostgreSQL would think that a domain which it does not know yet has as many.
DISTINCT = "ALTER TABLE clusters ALTER COLUMN base_domain SET (n_distinct = -0.5)"
# Not of a table that is empty: what is planned while statistics say so, as checks of foreign keys, reads all of it later.
COUNTED = "ANALYZE clusters (base_domain)"
AS_COUNTED = "ALTER TABLE clusters ALTER COLUMN base_domain RESET (n_distinct)"


# A cluster's team never changes. The trigger is for schedulers of before, which do not say it.
TEAM = """
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS team text;
CREATE OR REPLACE FUNCTION jobs_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT team INTO NEW.team FROM clusters WHERE id = NEW.cluster_id;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS jobs_team ON jobs;
CREATE TRIGGER jobs_team BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.team IS NULL) EXECUTE FUNCTION jobs_team();
"""
NO_TEAM = """
DROP TRIGGER IF EXISTS jobs_team ON jobs;
DROP FUNCTION IF EXISTS jobs_team();
ALTER TABLE jobs DROP COLUMN IF EXISTS team;
"""
# Few at a time: each is a transaction, and writers wait for no more than that.
FEW = """
WITH few AS (SELECT id FROM jobs WHERE id > :after ORDER BY id LIMIT 10000),
     written AS (UPDATE jobs j SET team = c.team FROM clusters c
                 WHERE c.id = j.cluster_id AND j.team IS NULL AND j.id IN (SELECT id FROM few))
SELECT max(id) FROM few
"""


def upgrade() -> None:
    """Nobody waits for it: every index is built beside the writers. It may be cut off anywhere, and is begun again."""
    op.execute(DISTINCT)
    if op.get_bind().execute(text("SELECT EXISTS (SELECT 1 FROM clusters)")).scalar():
        op.execute(COUNTED)
    op.execute(TEAM)
    with op.get_context().autocommit_block():
        after: str | None = ""
        while after is not None:
            after = op.get_bind().execute(text(FEW), {"after": after}).scalar()
    _replace(OLD, NEW)


def downgrade() -> None:
    """The same the other way."""
    op.execute(AS_COUNTED)
    op.execute(NO_TEAM)
    _replace(NEW, OLD)


def _replace(gone: dict[str, str], made: dict[str, str]) -> None:
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = '6h'")
        op.execute("SET lock_timeout = '10min'")  # it waits for older transactions, and nobody queues behind it
        for name, on in made.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {on}")
        for name in gone:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("SET statement_timeout = '5min'")
        op.execute("SET lock_timeout = '5s'")
