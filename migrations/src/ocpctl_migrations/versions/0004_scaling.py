"""Scaling of workers: its goal on the job, its result on the cluster, its mode of run; a checksum of the kubeconfig.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Only adds, but for one check that gets wider and one index that also holds SCALING: a TTL holds in every state."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      -- NULL: as it was created, see spec.
      ALTER TABLE clusters ADD COLUMN worker_replicas integer CHECK (worker_replicas >= 0);
      ALTER TABLE jobs
        ADD COLUMN worker_replicas integer CHECK (worker_replicas >= 0),
        ADD COLUMN hourly_cost_micros bigint CHECK (hourly_cost_micros >= 0),
        ADD CONSTRAINT scaling_has_a_goal CHECK (
          (job_type = 'SCALE_WORKERS') = (worker_replicas IS NOT NULL)
          AND (worker_replicas IS NULL) = (hourly_cost_micros IS NULL));
      ALTER TABLE attempts
        DROP CONSTRAINT attempts_mode_check,
        ADD CONSTRAINT attempts_mode_check CHECK (mode IN ('INSTALL','CLEANUP','SWEEP','SCALE'));
      ALTER TABLE cluster_outputs ADD COLUMN kubeconfig_sha256 text NOT NULL DEFAULT '';
      DROP INDEX clusters_expiry;
      CREATE INDEX clusters_expiry ON clusters (destroy_at)
        WHERE status IN ('PENDING','CREATING','READY','SCALING','FAILED') AND name_released_at IS NULL;
    """)


def downgrade() -> None:
    """What the revision before cannot hold is lost: numbers of workers, and that a run has scaled.

    Refused while a cluster is SCALING: the code of that revision could neither end nor destroy it.
    """
    op.execute("""
      DO $$ BEGIN
        IF EXISTS (SELECT 1 FROM clusters WHERE status = 'SCALING') THEN
          RAISE EXCEPTION 'clusters are SCALING; wait until they are READY, or destroy them';
        END IF;
      END $$;
      DROP INDEX clusters_expiry;
      CREATE INDEX clusters_expiry ON clusters (destroy_at)
        WHERE status IN ('PENDING','CREATING','READY','FAILED') AND name_released_at IS NULL;
      ALTER TABLE cluster_outputs DROP COLUMN kubeconfig_sha256;
      UPDATE attempts SET mode = 'CLEANUP' WHERE mode = 'SCALE';
      ALTER TABLE attempts
        DROP CONSTRAINT attempts_mode_check,
        ADD CONSTRAINT attempts_mode_check CHECK (mode IN ('INSTALL','CLEANUP','SWEEP'));
      ALTER TABLE jobs DROP CONSTRAINT scaling_has_a_goal, DROP COLUMN worker_replicas, DROP COLUMN hourly_cost_micros;
      ALTER TABLE clusters DROP COLUMN worker_replicas;
    """)
