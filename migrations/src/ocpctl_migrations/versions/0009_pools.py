"""Doorbells know their pool: creates and destroys wait in queues of their own.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Only adds. What an older scheduler writes meanwhile goes where it went; a runner serves it from there too."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE outbox ADD COLUMN pool text NOT NULL DEFAULT 'creates' CHECK (pool IN ('creates', 'destroys'));
    """)


def downgrade() -> None:
    """What waits goes where it went."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE outbox DROP COLUMN pool;
    """)
