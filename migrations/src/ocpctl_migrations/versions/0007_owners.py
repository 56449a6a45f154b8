"""Finding attempts that have not ended without reading all of them: the janitor asks every minute.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Only adds."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      CREATE INDEX attempts_not_ended ON attempts (cluster_id) WHERE ended_at IS NULL;
    """)


def downgrade() -> None:
    """Takes the index away."""
    op.execute("DROP INDEX attempts_not_ended")
