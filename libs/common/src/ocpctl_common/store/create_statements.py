"""The statements of a create: all rows of one that is accepted, or of several, at once (docs/decisions/0003)."""

# The rows of an accepted create; `accepted` is what they are taken from, the names are parameters or its columns.
_ROWS = """
cluster AS (
  INSERT INTO clusters (id, requested_by, spec, ttl_hours, hourly_cost_micros, destroy_at,
                        keepalive_seconds, alive_until)
  SELECT {cluster_id}, {principal}, {spec}::jsonb, {ttl_hours}, {hourly_cost_micros},
         now() + make_interval(hours => {ttl_hours}),
         {keepalive_seconds}::integer, now() + make_interval(secs => {keepalive_seconds}::integer)
  FROM {accepted}
), job AS (
  INSERT INTO jobs (id, cluster_id, team, job_type, max_attempts, requested_by, correlation_id, traceparent)
  SELECT {job_id}, {cluster_id}, {team}, 'CREATE', {max_attempts}, {principal}, {correlation_id},
         {traceparent}
  FROM {accepted}
), lease AS (
  INSERT INTO job_locks (cluster_id) SELECT {cluster_id} FROM {accepted}
), dispatch AS (
  INSERT INTO outbox (pool, group_id, dedup_id, body, attributes)
  SELECT 'creates', {group_id}, {dedup_id},
         {body}::jsonb || jsonb_build_object('request', {spec}::jsonb), {attributes}::jsonb
  FROM {accepted}
), audited AS (
  INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, job_id, correlation_id)
  SELECT {audit_id}, {cluster_id}, {principal}, 'CREATE_REQUESTED', 'ALLOWED', 'PENDING',
         {job_id}, {correlation_id}
  FROM {accepted}
)
"""
# What is sent for each create, and its type.
COLUMNS = {
    "principal": "text",
    "key": "text",
    "request_hash": "bytea",
    "response": "text",
    "cluster_id": "text",
    "job_id": "text",
    "team": "text",
    "spec": "text",
    "ttl_hours": "integer",
    "hourly_cost_micros": "bigint",
    "keepalive_seconds": "integer",
    "max_attempts": "integer",
    "correlation_id": "text",
    "traceparent": "text",
    "group_id": "text",
    "dedup_id": "text",
    "body": "text",
    "audit_id": "text",
    "attributes": "text",
}
ACCEPT_CREATE = (
    """
WITH recent AS (
  SELECT count(*) AS creates, extract(epoch FROM min(created_at) + interval '1 hour' - now())::float8 AS wait
  FROM (SELECT created_at FROM clusters WHERE team = %(team)s AND created_at > now() - interval '1 hour'
        ORDER BY created_at DESC LIMIT %(creates_per_hour)s) AS newest
), accepted AS (
  INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
  SELECT %(principal)s, 'CreateCluster', %(key)s, %(request_hash)s, %(response)s::jsonb
  FROM recent WHERE creates < %(creates_per_hour)s OR %(creates_per_hour)s = 0
  ON CONFLICT DO NOTHING RETURNING 1
), """  # noqa: S608 - our own names
    + _ROWS.strip().format(accepted="accepted", **{name: f"%({name})s" for name in COLUMNS})
    + """
SELECT (SELECT count(*) FROM accepted) AS accepted, creates, wait FROM recent
"""
)
# The same for several; those of a team that have a place within its limit. No two have the same key.
ACCEPT_CREATES = (
    f"""
WITH asked AS (
  SELECT * FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in COLUMNS.items())})
    WITH ORDINALITY AS n ({", ".join(COLUMNS)}, place)
), recent AS (
  SELECT t.team, count(newest.created_at) AS creates FROM (SELECT DISTINCT team FROM asked) AS t
  LEFT JOIN LATERAL (
    SELECT created_at FROM clusters c WHERE c.team = t.team AND c.created_at > now() - interval '1 hour'
    ORDER BY c.created_at DESC LIMIT %(creates_per_hour)s
  ) AS newest ON true GROUP BY t.team
), fitting AS (
  SELECT asked.* FROM asked JOIN recent USING (team)
  JOIN (SELECT place, row_number() OVER (PARTITION BY team ORDER BY place) AS turn FROM asked) AS turns USING (place)
  WHERE creates + turn <= %(creates_per_hour)s OR %(creates_per_hour)s = 0
), accepted AS (
  INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)
  SELECT principal, 'CreateCluster', key, request_hash, response::jsonb FROM fitting ORDER BY place
  ON CONFLICT DO NOTHING RETURNING principal, key
), chosen AS (
  SELECT fitting.* FROM fitting JOIN accepted USING (principal, key) ORDER BY place
), """  # noqa: S608 - our own names
    + _ROWS.strip().format(accepted="chosen n", **{name: f"n.{name}" for name in COLUMNS})
    + """
SELECT place FROM chosen
"""
)

CHECK_CREATE = """
SELECT EXISTS (SELECT 1 FROM clusters WHERE base_domain = %(base_domain)s AND name = %(name)s
               AND name_released_at IS NULL) AS taken,
       count(*) AS creates, extract(epoch FROM min(created_at) + interval '1 hour' - now())::float8 AS wait
FROM (SELECT created_at FROM clusters WHERE team = %(team)s AND created_at > now() - interval '1 hour'
      ORDER BY created_at DESC LIMIT %(creates_per_hour)s) AS newest
"""
