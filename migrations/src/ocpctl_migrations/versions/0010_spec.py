"""A cluster is described once: what is filtered or grouped by is computed from its specification.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"

# Column and field of the specification.
COLUMNS = {
    "name": "name",
    "platform": "platform",
    "base_domain": "baseDomain",
    "profile": "profile",
    "owner": "owner",
    "team": "team",
    "cost_center": "costCenter",
}
KEPT = {"region": "region", "version": "version"}  # are read from the specification only

INDEXES = """
CREATE UNIQUE INDEX clusters_unreleased_name ON clusters (base_domain, name) WHERE name_released_at IS NULL;
CREATE INDEX clusters_domain ON clusters (base_domain, name);
CREATE INDEX clusters_team_page ON clusters (team, created_at DESC, id DESC);
CREATE INDEX clusters_live ON clusters (platform, status) WHERE status <> 'DESTROYED';
CREATE INDEX clusters_gone ON clusters (platform) WHERE status = 'DESTROYED';
"""


def upgrade() -> None:
    """Writes the table anew, under its lock. A scheduler of before cannot accept creates any more: replace it first."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in (*COLUMNS, *KEPT):
        op.execute(f"ALTER TABLE clusters DROP COLUMN {column}")  # with its indexes
    added = (
        f"ADD COLUMN {column} text NOT NULL GENERATED ALWAYS AS (spec->>'{field}') STORED"
        for column, field in COLUMNS.items()
    )
    op.execute(f"ALTER TABLE clusters {', '.join(added)}")
    op.execute(INDEXES)


def downgrade() -> None:
    """Plain columns again, with what was computed."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE clusters ALTER COLUMN {column} DROP EXPRESSION")
    for column, field in KEPT.items():
        op.execute(f"ALTER TABLE clusters ADD COLUMN {column} text")
        op.execute(f"UPDATE clusters SET {column} = spec->>'{field}'")
        op.execute(f"ALTER TABLE clusters ALTER COLUMN {column} SET NOT NULL")
