"""The scheduler may delete runners that are silent for a day: one that is started for one job has an id of its own.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Older schedulers delete none."""
    op.execute("SET LOCAL lock_timeout = '5s'; GRANT DELETE ON runners TO ocpctl_scheduler")


def downgrade() -> None:
    """They stay from then on."""
    op.execute("SET LOCAL lock_timeout = '5s'; REVOKE DELETE ON runners FROM ocpctl_scheduler")
