"""Budgets, runners, re-sweeps, and what is known of a failure.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Only adds, but for one check that gets wider and a key that lets an attempt be proven gone twice."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      ALTER TABLE jobs
        ADD COLUMN silent_rings integer NOT NULL DEFAULT 0,
        ADD COLUMN waits_for text NOT NULL DEFAULT '';
      CREATE INDEX jobs_waiting_for_budget ON jobs (waits_for) WHERE waits_for <> '';
      ALTER TABLE attempts
        ADD COLUMN resweeps integer NOT NULL DEFAULT 0,
        ADD COLUMN incident_at timestamptz,
        ADD COLUMN failure_rule text NOT NULL DEFAULT '',
        ADD COLUMN log_tail text NOT NULL DEFAULT '',
        DROP CONSTRAINT attempts_mode_check,
        ADD CONSTRAINT attempts_mode_check CHECK (mode IN ('INSTALL','CLEANUP','SWEEP'));
      CREATE INDEX attempts_running ON attempts (aws_account_id, region) WHERE ended_at IS NULL;
      ALTER TABLE destroy_receipts DROP CONSTRAINT destroy_receipts_pkey,
        ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
      -- How many creates an account and region may run at once since AWS throttled it; see lifecycle/budget.py.
      CREATE TABLE account_budgets (
        account_id text NOT NULL,
        region text NOT NULL,
        lowered_to integer CHECK (lowered_to > 0),
        lowered_at timestamptz,
        PRIMARY KEY (account_id, region),
        CHECK ((lowered_to IS NULL) = (lowered_at IS NULL))
      );
      CREATE TABLE runners (
        id text PRIMARY KEY,
        instance uuid NOT NULL,
        slots integer NOT NULL,
        busy integer NOT NULL,
        first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        seen_at timestamptz NOT NULL,
        valid_until timestamptz NOT NULL
      );
      GRANT SELECT ON account_budgets, runners TO ocpctl_scheduler, ocpctl_reader;
      GRANT INSERT, UPDATE ON account_budgets, runners TO ocpctl_scheduler;
    """)


def downgrade() -> None:
    """What the first revision cannot hold is lost: looks again, budgets, runners."""
    op.execute("""
      DROP TABLE runners, account_budgets;
      DELETE FROM destroy_receipts r WHERE EXISTS
        (SELECT 1 FROM destroy_receipts s WHERE s.attempt_id = r.attempt_id AND s.id > r.id);
      ALTER TABLE destroy_receipts DROP COLUMN id, ADD PRIMARY KEY (attempt_id);
      DROP INDEX attempts_running;
      UPDATE attempts SET mode = 'CLEANUP' WHERE mode = 'SWEEP';
      ALTER TABLE attempts
        DROP CONSTRAINT attempts_mode_check,
        ADD CONSTRAINT attempts_mode_check CHECK (mode IN ('INSTALL','CLEANUP')),
        DROP COLUMN resweeps, DROP COLUMN incident_at, DROP COLUMN failure_rule, DROP COLUMN log_tail;
      DROP INDEX jobs_waiting_for_budget;
      ALTER TABLE jobs DROP COLUMN silent_rings, DROP COLUMN waits_for;
    """)
