"""A team's clusters of a profile are read from an index: with two filters of which each matches, all of the team were.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Nobody waits for it: it is built beside the writers. It may be cut off, and is begun again."""
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = '6h'")
        op.execute("SET lock_timeout = '10min'")  # it waits for older transactions, and nobody queues behind it
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS clusters_team_profile")
        op.execute(
            "CREATE INDEX CONCURRENTLY clusters_team_profile ON clusters (team, profile, created_at DESC, id DESC)"
        )
        op.execute("SET statement_timeout = '5min'")
        op.execute("SET lock_timeout = '5s'")


def downgrade() -> None:
    """The same the other way."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS clusters_team_profile")
