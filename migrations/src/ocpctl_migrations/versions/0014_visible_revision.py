"""Services may read which revision the database has: they wait for the one that they need.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Older services do not look."""
    op.execute("SET LOCAL lock_timeout = '5s'; GRANT SELECT ON alembic_version TO ocpctl_scheduler, ocpctl_reader")


def downgrade() -> None:
    """Services of this release wait from then on."""
    op.execute("SET LOCAL lock_timeout = '5s'; REVOKE SELECT ON alembic_version FROM ocpctl_scheduler, ocpctl_reader")
