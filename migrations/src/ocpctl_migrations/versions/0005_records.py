"""Records: the order of the platform's audit chain, what a usage sample stands for, orphans, job logs.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"

# The number of a row was drawn before its writer waited for the platform's lock, so two refusals at once could be
# numbered against the order of the chain: a break without a culprit. It is drawn under the lock now. No old row changes.
AUDIT = """
CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.target_cluster_id IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('ocpctl.audit.platform'));
    NEW.seq := nextval('audit_events_seq_seq');
    SELECT hash INTO NEW.previous_hash FROM audit_events
      WHERE target_cluster_id IS NULL ORDER BY seq DESC LIMIT 1;
  ELSE
    SELECT hash INTO NEW.previous_hash FROM audit_events
      WHERE target_cluster_id = NEW.target_cluster_id ORDER BY seq DESC LIMIT 1;
  END IF;
  NEW.previous_hash := coalesce(NEW.previous_hash, '\\x'::bytea);
  NEW.hash := audit_digest(NEW);
  RETURN NEW;
END $$;
GRANT USAGE ON SEQUENCE audit_events_seq_seq TO ocpctl_scheduler;
-- Rows lie in the order of time, so this index is a few pages and costs an insert next to nothing.
CREATE INDEX audit_events_time ON audit_events USING brin (created_at);
"""

USAGE = """
ALTER TABLE usage_samples ADD COLUMN seconds integer NOT NULL DEFAULT 300 CHECK (seconds > 0);
CREATE INDEX usage_samples_time ON usage_samples (sample_time);
CREATE INDEX clusters_destroyed ON clusters (destroyed_at) WHERE destroyed_at IS NOT NULL;
-- Up to when usage is sampled: one row. What was before this revision is not billed.
CREATE TABLE usage_mark (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  sampled_until timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO usage_mark DEFAULT VALUES;
GRANT SELECT ON usage_mark TO ocpctl_scheduler, ocpctl_reader;
GRANT UPDATE ON usage_mark TO ocpctl_scheduler;
"""

ORPHANS = """
CREATE TABLE orphans (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  resource_arn text NOT NULL UNIQUE,
  infra_id text NOT NULL,
  resource_type text NOT NULL,
  account_id text NOT NULL,
  region text NOT NULL,
  first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  resolved_at timestamptz
);
CREATE INDEX orphans_open ON orphans (account_id, region) WHERE resolved_at IS NULL;
GRANT SELECT ON orphans TO ocpctl_scheduler, ocpctl_reader;
GRANT INSERT, UPDATE ON orphans TO ocpctl_scheduler;
"""

# `id` grows in the order in which the lines of a job came: they are written under the cluster's lease row.
LOGS = """
CREATE TABLE job_log_lines (
  id bigint GENERATED ALWAYS AS IDENTITY,
  job_id text NOT NULL REFERENCES jobs (id),
  attempt_id text NOT NULL REFERENCES attempts (id),
  fence bigint NOT NULL,
  number integer NOT NULL,
  line text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (job_id, id),
  UNIQUE (attempt_id, number)
);
CREATE INDEX job_log_lines_time ON job_log_lines USING brin (created_at);
GRANT SELECT ON job_log_lines TO ocpctl_scheduler, ocpctl_reader;
GRANT INSERT, DELETE ON job_log_lines TO ocpctl_scheduler;
"""


def upgrade() -> None:
    """Only adds, but for the body of one trigger function."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for block in (AUDIT, USAGE, ORPHANS, LOGS):
        op.execute(block)


def downgrade() -> None:
    """Job logs and orphans are lost; the audit keeps every row, and the numbering of before comes back."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      DROP TABLE job_log_lines, orphans, usage_mark;
      DROP INDEX clusters_destroyed, usage_samples_time, audit_events_time;
      ALTER TABLE usage_samples DROP COLUMN seconds;
      REVOKE USAGE ON SEQUENCE audit_events_seq_seq FROM ocpctl_scheduler;
    """)
    op.execute(AUDIT.partition("GRANT")[0].replace("    NEW.seq := nextval('audit_events_seq_seq');\n", ""))
