"""What a cluster cost on a day, added up when its samples are written.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"

# The trigger adds up whoever writes the samples, also a scheduler of before. Days are UTC's.
DAYS = """
CREATE TABLE usage_days (
  day date NOT NULL,
  cluster_id text NOT NULL REFERENCES clusters (id),
  seconds bigint NOT NULL CHECK (seconds > 0),
  -- Seconds times the micro-dollars of an hour: 3600 of them are a micro-dollar.
  micros_seconds bigint NOT NULL CHECK (micros_seconds >= 0),
  PRIMARY KEY (day, cluster_id)
) WITH (fillfactor = 80);
CREATE FUNCTION usage_roll_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO usage_days AS d (day, cluster_id, seconds, micros_seconds)
  SELECT (sample_time AT TIME ZONE 'UTC')::date, cluster_id, sum(seconds),
         sum(seconds::bigint * estimated_hourly_cost_micros)
  FROM fresh GROUP BY 1, 2
  ON CONFLICT (day, cluster_id) DO UPDATE
    SET seconds = d.seconds + excluded.seconds, micros_seconds = d.micros_seconds + excluded.micros_seconds;
  RETURN NULL;
END $$;
CREATE TRIGGER usage_roll_up AFTER INSERT ON usage_samples REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION usage_roll_up();
INSERT INTO usage_days (day, cluster_id, seconds, micros_seconds)
SELECT (sample_time AT TIME ZONE 'UTC')::date, cluster_id, sum(seconds),
       sum(seconds::bigint * estimated_hourly_cost_micros)
FROM usage_samples GROUP BY 1, 2;
GRANT SELECT ON usage_days TO ocpctl_scheduler, ocpctl_reader;
GRANT INSERT, UPDATE ON usage_days TO ocpctl_scheduler;
-- Samples are kept for a while, days for ever.
GRANT DELETE ON usage_samples TO ocpctl_scheduler;
"""


def upgrade() -> None:
    """Sampling waits meanwhile; what it misses it makes up for."""
    op.execute("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '1h'")
    op.execute("SELECT * FROM usage_mark FOR UPDATE")
    op.execute(DAYS)


def downgrade() -> None:
    """Days whose samples are deleted are lost."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      REVOKE DELETE ON usage_samples FROM ocpctl_scheduler;
      DROP TRIGGER usage_roll_up ON usage_samples;
      DROP FUNCTION usage_roll_up();
      DROP TABLE usage_days;
    """)
