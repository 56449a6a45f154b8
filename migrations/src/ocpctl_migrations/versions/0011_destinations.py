"""A message of the outbox has a kind and a destination; the pool is that of job dispatch alone.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """What an older scheduler writes is job dispatch. An older relay asks by pool: what has none it never sends."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE outbox
        ADD COLUMN destination text NOT NULL DEFAULT 'jobs',
        ADD COLUMN kind text NOT NULL DEFAULT 'job-dispatch',
        ALTER COLUMN pool DROP NOT NULL,
        ADD CONSTRAINT outbox_jobs_have_a_pool CHECK ((destination = 'jobs') = (pool IS NOT NULL));
    """)


def downgrade() -> None:
    """Refused while something waits for another destination: it would be lost."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      DELETE FROM outbox WHERE pool IS NULL AND published_at IS NOT NULL;
      ALTER TABLE outbox ALTER COLUMN pool SET NOT NULL, DROP COLUMN kind, DROP COLUMN destination;
    """)
