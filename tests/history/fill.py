"""Fills a migrated database with clusters that have come and gone, a thousand a day, and with some that live.

`python -m tests.history.fill URL CLUSTERS LIVING` fills any database; the URL must log in as a superuser. Rows are as
the services write them, but for two things: the audit's hashes are none, and what no statement reads is left empty.
"""

import sys
from dataclasses import dataclass

import psycopg

from tests import specs

A_DAY = 1000
TEAMS, OWNERS, NAMES_USED = 50, 500, 20  # a name comes again so often


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """`living` of the `clusters` are READY now, the newest. One of 33 of the others has FAILED, the rest is gone."""

    clusters: int
    living: int


# n is a cluster's number, the oldest is 1; `born` when it was asked for; `kind` what became of it. Half have one team.
BASE = """
CREATE UNLOGGED TABLE filling AS
SELECT n, 'clu_' || lpad(n::text, 26, '0') AS cluster,
       clock_timestamp() - (%(clusters)s - n) * interval '1 day' / %(a_day)s - interval '5 hours' AS born,
       CASE WHEN n > %(clusters)s - %(living)s THEN 'READY' WHEN n %% 33 = 0 THEN 'FAILED' ELSE 'DESTROYED' END AS kind,
       'team-' || CASE n %% 2 WHEN 1 THEN 7 ELSE n %% %(teams)s END AS team
FROM generate_series(1, %(clusters)s) AS n
"""
CLUSTERS = """
INSERT INTO clusters (id, requested_by, status, spec, ttl_hours, hourly_cost_micros, created_at, updated_at, ready_at,
                      destroy_at, destroyed_at, name_released_at)
SELECT cluster, 'arn:aws:iam::123456789012:role/owner-' || n %% %(owners)s, kind,
       %(spec)s::jsonb || jsonb_build_object('name', CASE kind WHEN 'READY' THEN 'live-' || n
           ELSE 'ci-' || n %% greatest(%(clusters)s / %(names)s, 1) END,
         'owner', 'owner-' || n %% %(owners)s || '@example.com', 'team', team,
         'profile', CASE n %% 4 WHEN 0 THEN 'aws-standard' ELSE 'aws-minimal-test' END),
       24, 2500000, born, born, CASE WHEN kind <> 'FAILED' THEN born + interval '45 minutes' END,
       CASE WHEN kind = 'READY' THEN clock_timestamp() + interval '1 day' ELSE born + interval '4 hours' END,
       CASE WHEN kind = 'DESTROYED' THEN born + interval '4 hours' END,
       CASE WHEN kind <> 'READY' THEN born + interval '4 hours' END
FROM filling ORDER BY n
"""
LOCKS = "INSERT INTO job_locks (cluster_id, fence) SELECT cluster, 3 FROM filling ORDER BY n"
# A create; of what is gone a destroy and a verification after it.
JOBS = """
INSERT INTO jobs (id, cluster_id, job_type, status, max_attempts, attempt, run_after, last_rung_at, requested_by,
                  correlation_id, created_at, started_at, ended_at, team)
SELECT 'job_' || lpad((n * 3 + k)::text, 26, '0'), cluster, (ARRAY['CREATE','DESTROY','ORPHAN_SWEEP'])[k],
       CASE WHEN k = 1 AND kind = 'FAILED' THEN 'FAILED' ELSE 'SUCCEEDED' END, 3, 1, born, born, 'r',
       'req-' || n || '-' || k, born + k * interval '1 hour', born + k * interval '1 hour',
       born + k * interval '1 hour', team
FROM filling, generate_series(1, 3) AS k WHERE k = 1 OR kind = 'DESTROYED' ORDER BY n, k
"""
# Some of the newest that are gone are due for another look now, and more of them later.
ATTEMPTS = """
INSERT INTO attempts (id, job_id, cluster_id, number, mode, fence, runner, region, installer_version, infra_id,
                      metadata, metadata_sha256, aws_account_id, snapshot_key, snapshot_version, started_at,
                      authorized_at, ended_at, outcome, cleanup, verified_at, resweep_due_at)
SELECT 'att_' || lpad((n * 3 + k)::text, 26, '0'), 'job_' || lpad((n * 3 + k)::text, 26, '0'), cluster, 1,
       (ARRAY['INSTALL','CLEANUP','SWEEP'])[k], k, 'runner-1',
       (ARRAY['us-east-1','us-west-2','eu-west-1'])[1 + n %% 3], '4.20.3',
       CASE k WHEN 1 THEN 'ci-' || n END, CASE k WHEN 1 THEN '{}' END, CASE k WHEN 1 THEN 'ab' END, '123456789012',
       CASE k WHEN 1 THEN 'key' END, CASE k WHEN 1 THEN 'v' END, born + k * interval '1 hour',
       CASE k WHEN 1 THEN born END, born + k * interval '1 hour', 'SUCCEEDED',
       CASE WHEN k > 1 THEN 'NOT_NEEDED' WHEN kind = 'READY' THEN 'REQUIRED' ELSE 'VERIFIED' END,
       CASE WHEN k = 1 AND kind <> 'READY' THEN born + interval '4 hours' END,
       CASE WHEN k = 1 AND kind = 'DESTROYED' AND n > %(clusters)s - %(living)s - 3000
            THEN clock_timestamp() + (n %% 100 - 3) * interval '1 hour' END
FROM filling, generate_series(1, 3) AS k WHERE k = 1 OR kind = 'DESTROYED' ORDER BY n, k
"""
AUDIT = """
INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, job_id, correlation_id, created_at,
                          previous_hash, hash)
SELECT 'aud_' || lpad((n * 10 + k)::text, 26, '0'), cluster,
       CASE WHEN k < 3 THEN 'arn:aws:iam::123456789012:role/owner-' || n %% %(owners)s ELSE 'ocpctl:scheduler' END,
       (ARRAY['CREATE_CLUSTER','DESTROY_CLUSTER','JOB_GRANTED','ATTEMPT_AUTHORIZED','JOB_ENDED'])[1 + k %% 5],
       'ALLOWED', (ARRAY['PENDING','CREATING','','','READY','DESTROYING','','','','DESTROYED'])[k],
       'job_' || lpad((n * 3 + 1)::text, 26, '0'), 'req-' || n || '-' || k, born + k * interval '20 minutes',
       'none', 'none'
FROM filling, generate_series(1, 10) AS k WHERE k < 6 OR kind <> 'READY' ORDER BY born + k * interval '20 minutes'
"""
EVENTS = """
INSERT INTO cluster_events (cluster_id, stage, progress_percent, message, created_at)
SELECT cluster, 'stage ' || k, k * 10, 'it goes on', born + k * interval '10 minutes'
FROM filling, generate_series(1, 8) AS k ORDER BY n, k
"""
SAMPLES = """
INSERT INTO usage_samples (cluster_id, sample_time, seconds, estimated_hourly_cost_micros, status)
SELECT cluster, date_bin('300 s', born, 'epoch') + k * interval '5 minutes', 300, 2500000, 'READY'
FROM filling, generate_series(1, 10) AS k ORDER BY n, k
"""
DAYS = """
INSERT INTO usage_days (day, cluster_id, seconds, micros_seconds)
SELECT (sample_time AT TIME ZONE 'UTC')::date, cluster_id, sum(seconds), sum(seconds::bigint * 2500000)
FROM usage_samples GROUP BY 1, 2 ORDER BY 1, 2
"""
RESULTS = """
INSERT INTO cluster_outputs (cluster_id, api_url, console_url, kubeconfig_s3_uri, kubeconfig_version_id,
                             kubeadmin_secret_arn)
SELECT cluster, 'https://api', 'https://console', 's3://b/k', 'v', 'arn:aws:x' FROM filling WHERE kind <> 'FAILED';
INSERT INTO cluster_artifacts (cluster_id, attempt_id, fence, artifact_type, s3_uri, version_id, checksum, size_bytes)
SELECT cluster, 'att_' || lpad((n * 3 + 1)::text, 26, '0'), 1, 'INSTALL_LOG', 's3://b/k', 'v', 'ab', 1 FROM filling;
INSERT INTO destroy_receipts (attempt_id, cluster_id, verified_by_attempt, receipt)
SELECT 'att_' || lpad((n * 3 + 1)::text, 26, '0'), cluster, 'att_' || lpad((n * 3 + 2)::text, 26, '0'), '{"checks": []}'
FROM filling WHERE kind = 'DESTROYED'
"""
# A week of lines, a day of keys and of messages that were sent.
RECENT = """
INSERT INTO job_log_lines (job_id, attempt_id, fence, number, line, created_at)
SELECT 'job_' || lpad((n * 3 + 1)::text, 26, '0'), 'att_' || lpad((n * 3 + 1)::text, 26, '0'), 1, k, 'level=info', born
FROM filling, generate_series(1, 100) AS k WHERE n > {clusters} - least({clusters} / 10, 7000) ORDER BY n, k;
INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response, created_at, expires_at)
SELECT 'r', 'CreateCluster', cluster, 'none', '{{}}', clock_timestamp(), clock_timestamp() + interval '1 hour'
FROM filling WHERE n > {clusters} - 2000;
INSERT INTO outbox (group_id, dedup_id, body, attributes, pool, created_at, published_at)
SELECT 'cluster-' || cluster, cluster, '{{}}', '{{}}', 'creates', born, clock_timestamp()
FROM filling WHERE n > {clusters} - 3000
"""
# So many in each group, and so many groups; the first of all groups come first.
MESSAGES = """
INSERT INTO outbox (group_id, dedup_id, body, attributes, pool)
SELECT 'cluster-' || g, 'job:' || g || ':' || n, '{"job_id": "j", "cluster_id": "c", "job_type": "CREATE"}', '{}',
       'creates'
FROM generate_series(1, %s) AS n, generate_series(1, %s) AS g ORDER BY n, g
"""
PARTS = {
    "clusters": CLUSTERS,
    "locks": LOCKS,
    "jobs": JOBS,
    "attempts": ATTEMPTS,
    "audit": AUDIT,
    "events": EVENTS,
    "usage": SAMPLES,
    "days": DAYS,
}


def fill(url: str, size: Size) -> None:
    """Triggers and foreign keys sleep meanwhile. The mark of usage is moved to now."""
    values = {
        "clusters": size.clusters,
        "living": size.living,
        "a_day": A_DAY,
        "owners": OWNERS,
        "teams": TEAMS,
        "names": NAMES_USED,
        "spec": specs.spec().to_json(),
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute(BASE, values)
        for statement in PARTS.values():
            connection.execute(statement, values)
        for statement in (RESULTS, RECENT.format(clusters=size.clusters), "DROP TABLE filling"):
            connection.execute(statement)
        connection.execute("UPDATE usage_mark SET sampled_until = clock_timestamp() - interval '5 minutes'")
        connection.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    fill(sys.argv[1], Size(clusters=int(sys.argv[2]), living=int(sys.argv[3])))
