"""The keepalive of a cluster: it is destroyed when nobody says any longer that it is wanted. Ready times.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Older schedulers make clusters without it; a cluster that has one is not destroyed by them for it."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE clusters
        ADD COLUMN keepalive_seconds integer CHECK (keepalive_seconds BETWEEN 1 AND 86400),
        ADD COLUMN alive_until timestamptz,
        ADD CONSTRAINT alive_until_needs_seconds CHECK ((alive_until IS NULL) = (keepalive_seconds IS NULL));
      CREATE INDEX clusters_abandoned ON clusters (alive_until)
        WHERE status IN ('PENDING','CREATING','READY','SCALING','FAILED') AND name_released_at IS NULL
          AND alive_until IS NOT NULL;
      CREATE INDEX clusters_ready_times ON clusters (profile, ready_at) WHERE ready_at IS NOT NULL;
    """)


def downgrade() -> None:
    """Clusters whose client has gone live until their time is over."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      DROP INDEX clusters_abandoned, clusters_ready_times;
      ALTER TABLE clusters DROP COLUMN alive_until, DROP COLUMN keepalive_seconds;
    """)
