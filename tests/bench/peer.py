"""The peer: a plain FastAPI + SQLAlchemy Core service that does the same transaction, without identity or policy."""

import json
import os
from typing import Any

from fastapi import FastAPI, Header
from pydantic import BaseModel
from sqlalchemy import create_engine, text
from ulid import ULID

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"), pool_size=16)
app = FastAPI()

KEY = text(
    "INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)"
    " VALUES ('peer', 'CreateCluster', :key, :hash, CAST(:response AS jsonb))"
)
CLUSTER = text(
    "INSERT INTO clusters (id, requested_by, spec, ttl_hours, hourly_cost_micros, destroy_at)"
    " VALUES (:id, 'peer', CAST(:spec AS jsonb), :ttl, 0,"
    " now() + make_interval(hours => :ttl))"
)
JOB = text(
    "INSERT INTO jobs (id, cluster_id, team, job_type, max_attempts, requested_by, correlation_id)"
    " VALUES (:job, :id, :team, 'CREATE', 3, 'peer', 'peer')"
)
LOCK = text("INSERT INTO job_locks (cluster_id) VALUES (:id)")
OUTBOX = text(
    "INSERT INTO outbox (group_id, dedup_id, body, attributes) VALUES (:id, :job, CAST(:spec AS jsonb), '{}'::jsonb)"
)
AUDIT = text(
    "INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, job_id)"
    " VALUES (:job, :id, 'peer', 'CREATE_REQUESTED', 'ALLOWED', 'PENDING', :job)"
)


class Create(BaseModel):
    """The guide's request."""

    name: str
    platform: str
    version: str
    profile: str
    region: str
    baseDomain: str  # noqa: N815 - JSON
    owner: str
    team: str
    costCenter: str  # noqa: N815 - JSON
    ttlHours: int  # noqa: N815 - JSON


@app.post("/clusters", status_code=202)
def create(body: Create, idempotency_key: str = Header()) -> dict[str, Any]:
    """Six inserts in a transaction."""
    cluster_id, job_id, spec = f"clu_{ULID()}", f"job_{ULID()}", body.model_dump_json()
    ids = {"id": cluster_id, "job": job_id, "spec": spec, "team": body.team}
    answer = {"clusterId": cluster_id, "jobId": job_id, "status": "PENDING"}
    with engine.begin() as tx:
        tx.execute(KEY, {"key": idempotency_key, "hash": b"x" * 32, "response": json.dumps(answer)})
        tx.execute(CLUSTER, ids | {"ttl": body.ttlHours})
        for statement in (JOB, LOCK, OUTBOX, AUDIT):
            tx.execute(statement, ids)
    return answer
