"""Sessions, and mappings that can be bound, switched off and deleted.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """`rbac_mappings` is made anew: nothing could write to it before this revision."""
    op.execute("""
      SET LOCAL lock_timeout = '5s';
      DROP TABLE rbac_mappings;
      CREATE TABLE rbac_mappings (
        id text PRIMARY KEY CHECK (id ~ '^map_[0-9A-Z]{26}$'),
        iam_principal_arn text NOT NULL CHECK (length(iam_principal_arn) <= 2048),
        account_id text NOT NULL CHECK (account_id ~ '^[0-9]{12}$'),
        -- Bound by the first sign-in: a principal that was made again has another one.
        unique_id text,
        team text NOT NULL,
        role text NOT NULL CHECK (role IN ('requester','platform_admin','auditor')),
        scope text NOT NULL CHECK (scope IN ('team','all')),
        enabled boolean NOT NULL DEFAULT true,
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        created_by text NOT NULL,
        CONSTRAINT rbac_mappings_once UNIQUE (iam_principal_arn, team, role),
        CONSTRAINT scope_fits_role CHECK ((role <> 'platform_admin' OR scope = 'all') AND (role <> 'requester' OR scope = 'team'))
      );
      CREATE TABLE sessions (
        id text PRIMARY KEY CHECK (id ~ '^ses_[0-9A-Z]{26}$'),
        principal_arn text NOT NULL,
        account_id text NOT NULL,
        unique_id text NOT NULL,
        session_name text NOT NULL DEFAULT '',
        -- A nonce opens one session, whoever presents it again.
        nonce_sha256 bytea NOT NULL CONSTRAINT sessions_nonce UNIQUE,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoked_by text,
        CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
      );
      CREATE INDEX sessions_of_principal ON sessions (principal_arn, id DESC);
      CREATE INDEX sessions_expiry ON sessions (expires_at);
      CREATE INDEX sessions_revoked ON sessions (expires_at) WHERE revoked_at IS NOT NULL;
      GRANT SELECT ON rbac_mappings, sessions TO ocpctl_scheduler, ocpctl_reader;
      GRANT INSERT, UPDATE, DELETE ON rbac_mappings, sessions TO ocpctl_scheduler;
    """)


def downgrade() -> None:
    """Sessions and mappings are lost; nobody could use them below this revision."""
    op.execute("""
      DROP TABLE sessions, rbac_mappings;
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
      GRANT SELECT ON rbac_mappings TO ocpctl_scheduler, ocpctl_reader;
      GRANT INSERT, UPDATE ON rbac_mappings TO ocpctl_scheduler;
    """)
