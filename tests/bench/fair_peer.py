"""The fair peer: FastAPI that does what a create of ours does, in the way of most services, in one process.

It verifies the session (ES256, issuer's key, audience, expiry), refuses unknown fields, applies the same policy, keeps
idempotency keys, writes the same rows with an audit event, and answers with the same fields. Reads verify the session,
look at the team, and answer with a cluster, or with a page of them.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from joserfc import jwt
from joserfc.jwk import KeySet
from ocpctl_api_gateway.identity.signing import read
from ocpctl_common.errors import InvalidRequest, PolicyRefused
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_local.settings import ROOT
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, text
from ulid import ULID

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"), pool_size=16)
app = FastAPI()
keys = KeySet([one.key for one in read(Path(os.environ["SIGNING_KEYS"]))])
claims_rules = jwt.JWTClaimsRegistry(aud={"essential": True, "value": os.environ["AUDIENCE"]}, exp={"essential": True})
catalogue = load_catalogue(ROOT / "profiles")

FIND = text(
    "SELECT request_hash, response FROM idempotency_keys WHERE principal = :p AND rpc = 'Create' AND key = :key"
)
KEY = text(
    "INSERT INTO idempotency_keys (principal, rpc, key, request_hash, response)"
    " VALUES (:p, 'Create', :key, :hash, CAST(:response AS jsonb))"
)
CLUSTER = text(
    "INSERT INTO clusters (id, requested_by, spec, ttl_hours, hourly_cost_micros, destroy_at)"
    " VALUES (:id, :p, CAST(:spec AS jsonb), :ttl, :price, now() + make_interval(hours => :ttl))"
)
JOB = text(
    "INSERT INTO jobs (id, cluster_id, team, job_type, max_attempts, requested_by, correlation_id)"
    " VALUES (:job, :id, :team, 'CREATE', 3, :p, :request)"
)
LOCK = text("INSERT INTO job_locks (cluster_id) VALUES (:id)")
OUTBOX = text(
    "INSERT INTO outbox (pool, group_id, dedup_id, body, attributes)"
    " VALUES ('creates', :id, :job, jsonb_build_object('request', CAST(:spec AS jsonb)), '{}'::jsonb)"
)
AUDIT = text(
    "INSERT INTO audit_events (id, target_cluster_id, actor, action, outcome, to_status, job_id, correlation_id)"
    " VALUES (:job, :id, :p, 'CREATE_REQUESTED', 'ALLOWED', 'PENDING', :job, :request)"
)
GET = text("SELECT * FROM clusters WHERE id = :id")
LAST_JOB = text("SELECT * FROM jobs WHERE cluster_id = :id ORDER BY id DESC LIMIT 1")
PAGE = text("SELECT * FROM clusters WHERE team = :team ORDER BY created_at DESC, id DESC LIMIT :limit")


class Strict(BaseModel):
    """A field that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Create(Strict):
    """The guide's request."""

    name: str
    platform: str = ""
    version: str = ""
    profile: str
    region: str = ""
    baseDomain: str  # noqa: N815 - JSON
    owner: str
    team: str
    costCenter: str  # noqa: N815 - JSON
    ttlHours: int | None = None  # noqa: N815 - JSON
    tags: dict[str, str] = {}


class Job(BaseModel):
    """What people see of a job."""

    id: str
    type: str
    status: str
    attempt: int
    createTime: str  # noqa: N815 - JSON


class Cluster(BaseModel):
    """What people see of a cluster."""

    id: str
    name: str
    platform: str
    version: str
    profile: str
    region: str
    baseDomain: str  # noqa: N815 - JSON
    owner: str
    team: str
    costCenter: str  # noqa: N815 - JSON
    status: str
    statusReason: str  # noqa: N815 - JSON
    ttlHours: int  # noqa: N815 - JSON
    createTime: str  # noqa: N815 - JSON
    destroyAt: str  # noqa: N815 - JSON
    stage: str
    progressPercent: int  # noqa: N815 - JSON
    hourlyCostMicros: str  # noqa: N815 - JSON
    currentJob: Job | None = None  # noqa: N815 - JSON


class Page(BaseModel):
    """Clusters, newest first."""

    clusters: list[Cluster]
    nextPageToken: str = ""  # noqa: N815 - JSON


def principal(authorization: str = Header()) -> str:
    """Who calls."""
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), keys, algorithms=["ES256"]).claims
        claims_rules.validate(claims)
    except Exception as error:
        raise HTTPException(401, "sign in") from error
    return str(claims["sub"])


async def body_hash(request: Request) -> bytes:
    """By which a repeated request is known."""
    return hashlib.sha256(await request.body()).digest()


@app.post("/clusters", status_code=202)
def create(
    body: Create,
    idempotency_key: str = Header(),
    who: str = Depends(principal),
    digest: bytes = Depends(body_hash),
) -> dict[str, Any]:
    """Seven statements in a transaction."""
    try:
        spec = resolve(_asked(body), catalogue)
    except (InvalidRequest, PolicyRefused) as error:
        raise HTTPException(422, str(error)) from error
    ids: dict[str, Any] = {
        "id": f"clu_{ULID()}",
        "job": f"job_{ULID()}",
        "spec": spec.to_json(),
        "p": who,
        "team": spec.team,
    }
    ids |= {
        "request": str(ULID()),
        "key": idempotency_key,
        "hash": digest,
        "ttl": spec.ttl_hours,
        "price": spec.hourly_cost_micros,
    }
    answer = {"clusterId": ids["id"], "jobId": ids["job"], "status": "PENDING"}
    with engine.begin() as tx:
        if known := tx.execute(FIND, ids).one_or_none():
            if bytes(known.request_hash) != digest:
                raise HTTPException(409, "this key was used for another request")
            return dict(known.response)
        tx.execute(KEY, ids | {"response": json.dumps(answer)})
        for statement in (CLUSTER, JOB, LOCK, OUTBOX, AUDIT):
            tx.execute(statement, ids)
    return answer


def _asked(body: Create) -> CreateRequest:
    return CreateRequest(
        name=body.name,
        profile=body.profile,
        base_domain=body.baseDomain,
        owner=body.owner,
        team=body.team,
        cost_center=body.costCenter,
        platform=body.platform,
        version=body.version,
        region=body.region,
        ttl_hours=body.ttlHours,
        tags=body.tags,
    )


@app.get("/clusters/{cluster_id}")
def get(cluster_id: str, who: str = Depends(principal)) -> Cluster:
    """One, with its job."""
    with engine.connect() as tx:
        row = tx.execute(GET, {"id": cluster_id}).mappings().one_or_none()
        job = tx.execute(LAST_JOB, {"id": cluster_id}).mappings().one_or_none()
    if row is None:
        raise HTTPException(404, "there is no such cluster")
    return _cluster(row, job)


@app.get("/clusters")
def page(team: str, pageSize: int = 50, who: str = Depends(principal)) -> Page:  # noqa: N803 - the query
    """Some of them."""
    with engine.connect() as tx:
        rows = tx.execute(PAGE, {"team": team, "limit": pageSize}).mappings().all()
    return Page(clusters=[_cluster(row, None) for row in rows])


def _cluster(row: Any, job: Any) -> Cluster:
    spec = row["spec"]
    described = {name: spec[name] for name in ("name", "platform", "version", "profile", "region")}
    described |= {name: spec[name] for name in ("baseDomain", "owner", "team", "costCenter")}
    return Cluster(
        **described,
        id=row["id"],
        status=row["status"],
        statusReason=row["status_reason"],
        ttlHours=row["ttl_hours"],
        createTime=row["created_at"].isoformat(),
        destroyAt=row["destroy_at"].isoformat(),
        stage=row["stage"],
        progressPercent=row["progress_percent"],
        hourlyCostMicros=str(row["hourly_cost_micros"]),
        currentJob=job
        and Job(
            id=job["id"],
            type=job["job_type"],
            status=job["status"],
            attempt=job["attempt"],
            createTime=job["created_at"].isoformat(),
        ),
    )
