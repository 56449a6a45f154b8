"""The first schema: every table of docs/architecture.md, with the invariants as constraints. Long, because it is read whole.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None

CLUSTERS = """
CREATE TABLE clusters (
  id text PRIMARY KEY CHECK (id ~ '^clu_[0-9A-Z]{26}$'),
  name text NOT NULL,
  platform text NOT NULL,
  base_domain text NOT NULL,
  region text NOT NULL,
  version text NOT NULL,
  profile text NOT NULL,
  owner text NOT NULL,
  team text NOT NULL,
  cost_center text NOT NULL,
  requested_by text NOT NULL,
  status text NOT NULL DEFAULT 'PENDING'
    CHECK (status IN ('PENDING','CREATING','READY','SCALING','DESTROYING','DESTROYED','FAILED')),
  revision bigint NOT NULL DEFAULT 1,
  resources_remaining boolean NOT NULL DEFAULT false,
  status_reason text NOT NULL DEFAULT '',
  stage text NOT NULL DEFAULT '',
  progress_percent integer NOT NULL DEFAULT 0 CHECK (progress_percent BETWEEN 0 AND 100),
  spec jsonb NOT NULL,
  ttl_hours integer NOT NULL CHECK (ttl_hours > 0),
  hourly_cost_micros bigint NOT NULL CHECK (hourly_cost_micros >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ready_at timestamptz,
  destroy_at timestamptz NOT NULL,
  destroyed_at timestamptz,
  name_released_at timestamptz,
  -- A name is given back only when nothing can be left that carries it.
  CONSTRAINT destroyed_is_final CHECK ((status = 'DESTROYED') = (destroyed_at IS NOT NULL)),
  CONSTRAINT destroyed_releases_name CHECK (status <> 'DESTROYED' OR name_released_at IS NOT NULL),
  CONSTRAINT remaining_keeps_name CHECK (NOT resources_remaining OR name_released_at IS NULL)
);
-- Two clusters of one name in one domain would destroy each other's DNS records.
CREATE UNIQUE INDEX clusters_unreleased_name ON clusters (base_domain, name) WHERE name_released_at IS NULL;
CREATE INDEX clusters_page ON clusters (created_at DESC, id DESC);
CREATE INDEX clusters_team_page ON clusters (team, created_at DESC, id DESC);
CREATE INDEX clusters_live ON clusters (platform, status) WHERE status <> 'DESTROYED';
CREATE INDEX clusters_expiry ON clusters (destroy_at)
  WHERE status IN ('PENDING','CREATING','READY','FAILED') AND name_released_at IS NULL;
"""

JOBS = """
CREATE TABLE jobs (
  id text PRIMARY KEY CHECK (id ~ '^job_[0-9A-Z]{26}$'),
  cluster_id text NOT NULL REFERENCES clusters (id),
  job_type text NOT NULL CHECK (job_type IN ('CREATE','DESTROY','SCALE_WORKERS','JANITOR_DESTROY','ORPHAN_SWEEP')),
  status text NOT NULL DEFAULT 'PENDING'
    CHECK (status IN ('PENDING','RUNNING','RETRYING','SUCCEEDED','FAILED','CANCELLED')),
  revision bigint NOT NULL DEFAULT 1,
  attempt integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  lost_attempts integer NOT NULL DEFAULT 0,
  cleanup_runs integer NOT NULL DEFAULT 0,
  given_up boolean NOT NULL DEFAULT false,
  run_after timestamptz NOT NULL DEFAULT now(),
  dispatch_no integer NOT NULL DEFAULT 1,
  last_rung_at timestamptz NOT NULL DEFAULT now(),
  cancel_requested_at timestamptz,
  deadline_at timestamptz,
  error_code text NOT NULL DEFAULT '',
  error_message text NOT NULL DEFAULT '',
  requested_by text NOT NULL,
  correlation_id text NOT NULL,
  traceparent text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  CONSTRAINT ended_jobs_have_a_time CHECK ((status IN ('SUCCEEDED','FAILED','CANCELLED')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX jobs_one_running ON jobs (cluster_id) WHERE status = 'RUNNING';
CREATE UNIQUE INDEX jobs_one_open_of_a_kind
  ON jobs (cluster_id, (CASE job_type WHEN 'JANITOR_DESTROY' THEN 'DESTROY' ELSE job_type END))
  WHERE status IN ('PENDING','RUNNING','RETRYING');
CREATE INDEX jobs_due ON jobs (run_after) WHERE status IN ('PENDING','RETRYING');
CREATE INDEX jobs_of_cluster ON jobs (cluster_id, id DESC);
"""

ATTEMPTS = """
CREATE TABLE attempts (
  id text PRIMARY KEY CHECK (id ~ '^att_[0-9A-Z]{26}$'),
  job_id text NOT NULL REFERENCES jobs (id),
  cluster_id text NOT NULL REFERENCES clusters (id),
  number integer NOT NULL,
  mode text NOT NULL CHECK (mode IN ('INSTALL','CLEANUP')),
  fence bigint NOT NULL,
  runner text NOT NULL,
  region text NOT NULL,
  installer_version text NOT NULL,
  installer_sha256 text,
  infra_id text UNIQUE,
  metadata text,
  metadata_sha256 text,
  aws_account_id text,
  snapshot_key text,
  snapshot_version text,
  snapshot_seq bigint NOT NULL DEFAULT 0,
  progress_seq bigint NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL DEFAULT now(),
  authorized_at timestamptz,
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('SUCCEEDED','FAILED','CANCELLED','INTERRUPTED','LEASE_LOST')),
  exit_code integer,
  failure_class text,
  message text NOT NULL DEFAULT '',
  cleanup text NOT NULL DEFAULT 'NOT_NEEDED' CHECK (cleanup IN ('NOT_NEEDED','REQUIRED','VERIFIED')),
  verified_at timestamptz,
  resweep_due_at timestamptz,
  UNIQUE (cluster_id, fence),
  -- The money rule: nothing may cost money before its identity is durable.
  CONSTRAINT money_needs_identity CHECK (authorized_at IS NULL OR
    (infra_id IS NOT NULL AND metadata IS NOT NULL AND metadata_sha256 IS NOT NULL AND aws_account_id IS NOT NULL
     AND snapshot_key IS NOT NULL AND snapshot_version IS NOT NULL)),
  CONSTRAINT authorized_needs_cleanup CHECK ((authorized_at IS NULL) = (cleanup = 'NOT_NEEDED')),
  CONSTRAINT verified_has_a_time CHECK ((cleanup = 'VERIFIED') = (verified_at IS NOT NULL))
);
CREATE INDEX attempts_dirty ON attempts (cluster_id, fence) WHERE cleanup = 'REQUIRED';
CREATE INDEX attempts_resweep ON attempts (resweep_due_at) WHERE resweep_due_at IS NOT NULL;
CREATE INDEX attempts_of_job ON attempts (job_id, fence);
"""

LOCKS = """
-- The lease table. A row is created with its cluster and never deleted, so the fence survives.
CREATE TABLE job_locks (
  cluster_id text PRIMARY KEY REFERENCES clusters (id),
  fence bigint NOT NULL DEFAULT 0,
  job_id text REFERENCES jobs (id),
  attempt_id text REFERENCES attempts (id),
  locked_by text,
  acquire_token uuid,
  locked_at timestamptz,
  renewed_at timestamptz,
  expires_at timestamptz,
  CONSTRAINT held_or_free CHECK (
    num_nulls(job_id, attempt_id, locked_by, acquire_token, locked_at, renewed_at, expires_at) IN (0, 7))
);
CREATE INDEX job_locks_expiry ON job_locks (expires_at) WHERE locked_by IS NOT NULL;
"""

RESULTS = """
CREATE TABLE cluster_outputs (
  cluster_id text PRIMARY KEY REFERENCES clusters (id),
  api_url text NOT NULL,
  console_url text NOT NULL,
  kubeconfig_s3_uri text NOT NULL,
  kubeconfig_version_id text NOT NULL,
  -- The ARN, never the password.
  kubeadmin_secret_arn text NOT NULL CHECK (kubeadmin_secret_arn LIKE 'arn:%'),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE cluster_artifacts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cluster_id text NOT NULL REFERENCES clusters (id),
  attempt_id text NOT NULL REFERENCES attempts (id),
  fence bigint NOT NULL,
  artifact_type text NOT NULL CHECK (artifact_type IN ('INSTALL_DIR_SNAPSHOT','INSTALL_LOG','DESTROY_LOG')),
  s3_uri text NOT NULL,
  version_id text NOT NULL,
  checksum text NOT NULL,
  size_bytes bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cluster_artifacts_of_cluster ON cluster_artifacts (cluster_id, id);
CREATE TABLE cluster_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  cluster_id text NOT NULL REFERENCES clusters (id),
  job_id text REFERENCES jobs (id),
  attempt_id text REFERENCES attempts (id),
  stage text NOT NULL,
  progress_percent integer NOT NULL,
  message text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cluster_events_of_cluster ON cluster_events (cluster_id, id);
CREATE TABLE destroy_receipts (
  attempt_id text PRIMARY KEY REFERENCES attempts (id),
  cluster_id text NOT NULL REFERENCES clusters (id),
  verified_by_attempt text NOT NULL REFERENCES attempts (id),
  receipt jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX destroy_receipts_of_cluster ON destroy_receipts (cluster_id);
CREATE TABLE usage_samples (
  cluster_id text NOT NULL REFERENCES clusters (id),
  sample_time timestamptz NOT NULL,
  estimated_hourly_cost_micros bigint NOT NULL CHECK (estimated_hourly_cost_micros >= 0),
  status text NOT NULL,
  PRIMARY KEY (cluster_id, sample_time)
);
"""

REQUESTS = """
CREATE TABLE idempotency_keys (
  principal text NOT NULL,
  rpc text NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL,
  response jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
  PRIMARY KEY (principal, rpc, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id text NOT NULL,
  dedup_id text NOT NULL UNIQUE,
  body jsonb NOT NULL,
  attributes jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  claimed_until timestamptz,
  published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_group_unpublished ON outbox (group_id, id) WHERE published_at IS NULL;
CREATE TABLE rbac_mappings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  iam_principal_arn text NOT NULL,
  account_id text NOT NULL,
  unique_id text,
  team text NOT NULL,
  role text NOT NULL CHECK (role IN ('requester','platform_admin','auditor')),
  scope text NOT NULL DEFAULT 'team' CHECK (scope IN ('team','all')),
  enabled boolean NOT NULL DEFAULT true,
  expires_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (iam_principal_arn, team, role)
);
"""

AUDIT = """
CREATE TABLE audit_events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  target_cluster_id text REFERENCES clusters (id),
  actor text NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('ALLOWED','DENIED')),
  reason text NOT NULL DEFAULT '',
  from_status text NOT NULL DEFAULT '',
  to_status text NOT NULL DEFAULT '',
  job_id text,
  attempt_id text,
  fence bigint NOT NULL DEFAULT 0,
  correlation_id text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL
);
CREATE INDEX audit_events_chain ON audit_events (target_cluster_id, seq DESC);
CREATE INDEX audit_events_platform_chain ON audit_events (seq DESC) WHERE target_cluster_id IS NULL;

CREATE FUNCTION audit_digest(e audit_events) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256((e).previous_hash || convert_to(jsonb_build_array((e).id, (e).target_cluster_id, (e).actor, (e).action,
  (e).outcome, (e).reason, (e).from_status, (e).to_status, (e).job_id, (e).attempt_id, (e).fence,
  (e).correlation_id, extract(epoch FROM (e).created_at))::text, 'UTF8'));

-- One chain a cluster (its writers hold the cluster's lease row) and one for events without a cluster (an advisory
-- lock stands in for the row). The chain is computed here so that no writer can forget or forge it.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.target_cluster_id IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtext('ocpctl.audit.platform'));
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
CREATE TRIGGER audit_chain BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_chain();

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

CREATE VIEW audit_breaks AS
  SELECT seq, id, target_cluster_id FROM (
    SELECT e.*, audit_digest(e) AS computed,
           lag(e.hash, 1, '\\x'::bytea) OVER (PARTITION BY e.target_cluster_id ORDER BY e.seq) AS before
    FROM audit_events e) AS chained
  WHERE computed <> hash OR before <> previous_hash;
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO ocpctl_scheduler, ocpctl_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ocpctl_scheduler, ocpctl_reader;
GRANT INSERT, UPDATE ON clusters, jobs, attempts, job_locks, cluster_outputs, outbox, rbac_mappings TO ocpctl_scheduler;
GRANT INSERT ON cluster_artifacts, cluster_events, destroy_receipts, usage_samples, idempotency_keys, audit_events
  TO ocpctl_scheduler;
-- Only what has served its purpose may be deleted: published doorbells and expired keys.
GRANT DELETE ON outbox, idempotency_keys TO ocpctl_scheduler;
"""


def upgrade() -> None:
    """Creates everything."""
    for block in (CLUSTERS, JOBS, ATTEMPTS, LOCKS, RESULTS, REQUESTS, AUDIT, GRANTS):
        op.execute(block)


def downgrade() -> None:
    """Drops everything, audit included: only for a database that is thrown away."""
    op.execute("""
      DROP VIEW audit_breaks;
      DROP TABLE audit_events, rbac_mappings, outbox, idempotency_keys, usage_samples, destroy_receipts,
        cluster_events, cluster_artifacts, cluster_outputs, job_locks, attempts, jobs, clusters CASCADE;
      DROP FUNCTION audit_chain(), audit_append_only();
    """)
