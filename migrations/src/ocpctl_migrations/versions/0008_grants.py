"""Planted grants are remembered, jobs that succeeded show no error of an earlier try, clusters that are gone are counted.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"

# What was planted before this revision stands in the audit, also what was deleted since. `told` is the sentence that
# the scheduler wrote there.
GRANTS = r"""
CREATE TABLE planted_grants (
  iam_principal_arn text NOT NULL,
  team text NOT NULL,
  role text NOT NULL,
  planted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (iam_principal_arn, team, role)
);
INSERT INTO planted_grants (iam_principal_arn, role, team)
SELECT told[1], told[2], told[3]
FROM (SELECT regexp_match(reason, '^map_[0-9A-Z]{26}: (\S+) is (\S+) of (.+) until \S+$') AS told FROM audit_events
      WHERE target_cluster_id IS NULL AND actor = 'ocpctl:scheduler' AND action = 'MAPPING_CREATED') AS events
WHERE told IS NOT NULL
UNION
SELECT iam_principal_arn, role, team FROM rbac_mappings WHERE created_by = 'ocpctl:scheduler';
GRANT SELECT ON planted_grants TO ocpctl_scheduler, ocpctl_reader;
GRANT INSERT ON planted_grants TO ocpctl_scheduler;
"""

# The attempts keep what went wrong.
JOBS = """
UPDATE jobs SET error_code = '', error_message = ''
WHERE status = 'SUCCEEDED' AND (error_code <> '' OR error_message <> '');
"""

# Written once in a cluster's life. A million of them: 7 MB, counted in 35 ms.
COUNTS = "CREATE INDEX clusters_gone ON clusters (platform) WHERE status = 'DESTROYED';"


def upgrade() -> None:
    """Adds a table and an index, and takes back what was told of jobs that succeeded."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for block in (GRANTS, JOBS, COUNTS):
        op.execute(block)


def downgrade() -> None:
    """Below this revision a start plants again what people have deleted."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      DROP INDEX clusters_gone;
      DROP TABLE planted_grants;
    """)
