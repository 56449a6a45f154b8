"""The maker of a cluster's credentials, pinned with the attempt.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Older schedulers do not say it: all their attempts were of the mode MINT."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE attempts ADD COLUMN credentials_mode text NOT NULL DEFAULT 'MINT'
        CONSTRAINT attempts_credentials_mode CHECK (credentials_mode IN ('MINT', 'MANUAL'));
    """)


def downgrade() -> None:
    """Which attempts were of which mode is lost; what they made is found as before."""
    op.execute("SET LOCAL lock_timeout = '5s'; ALTER TABLE attempts DROP COLUMN credentials_mode")
