"""Orphans: a look that missed one is remembered; clusters found by their DNS name, used or given back.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Only adds."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE orphans ADD COLUMN missed_at timestamptz;
      CREATE INDEX clusters_domain ON clusters (base_domain, name);
      -- Whether a name was used since is asked at every grant that has something to clean up.
      CREATE INDEX attempts_of_cluster ON attempts (cluster_id);
    """)


def downgrade() -> None:
    """A look that missed an orphan is forgotten: the next two decide."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      DROP INDEX attempts_of_cluster, clusters_domain;
      ALTER TABLE orphans DROP COLUMN missed_at;
    """)
