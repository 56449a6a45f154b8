"""Bad input: the documented status, a google.rpc.Status that names the field and what is allowed, nothing written."""

import base64
import json
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from ocpctl_api_gateway.identity.signing import SigningKeys, add_key
from ocpctl_common.clock import utc_now
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.moto import identity
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack

TABLES = ("clusters", "jobs", "job_locks", "outbox", "idempotency_keys")
UNKNOWN_CLUSTER = "clu_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def written(stack: Stack) -> list[int]:
    with psycopg.connect(stack.urls["database"]) as connection:
        rows = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TABLES]
    return [row[0] for row in rows if row]


def check_shape(answer: Answer, status: int, reason: str) -> dict[str, Any]:
    """The one error shape; returns the violations by field."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/json")
    assert set(answer.body) == {"code", "message", "details"}
    details = {detail["@type"].rpartition(".")[2]: detail for detail in answer.body["details"]}
    assert details["ErrorInfo"]["reason"] == reason
    assert details["ErrorInfo"]["domain"] == "ocpctl"
    assert details["RequestInfo"]["requestId"] == answer.headers["x-request-id"]
    violations = details.get("BadRequest", {}).get("fieldViolations", [])
    return {violation["field"]: violation["description"] for violation in violations}


def test_what_the_document_calls_needed_is_needed_and_nothing_else(client: Client) -> None:
    operation = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]["/api/v1/clusters"]["post"]
    needed = operation["requestBody"]["content"]["application/json"]["schema"]["required"]
    body = GUIDE_REQUEST | {"name": "needed", "validateOnly": True}
    assert client.create({name: body[name] for name in [*needed, "validateOnly"]}).status == 200
    for name in needed:
        short = {field: value for field, value in body.items() if field != name}
        assert set(check_shape(client.create(short), 400, "INVALID_REQUEST")) == {name}


@pytest.mark.parametrize(
    ("change", "status", "field", "allowed"),
    [
        ({"profile": "nope"}, 422, "profile", "aws-minimal-test, aws-standard"),
        ({"region": "mars-1"}, 422, "region", "us-east-1, us-east-2"),
        ({"version": "3.11.0"}, 422, "version", "4.20.3, 4.20.4"),
        ({"baseDomain": "evil.example.com"}, 422, "baseDomain", "labs.example.com"),
        ({"ttlHours": 73}, 422, "ttlHours", "maximum of 72 hours"),
        ({"name": "Not_A_Label"}, 400, "name", "DNS label"),
        ({"tags": {"kubernetes.io/cluster/x": "owned"}}, 422, "tags[kubernetes.io/cluster/x]", "reserved"),
        ({"profle": "aws-standard"}, 400, "profle", "allowed: name, platform"),
        ({"ttlHours": "24"}, 400, "ttlHours", "a whole number"),
        ({"workerReplicas": 99}, 422, "workerReplicas", "0 to 3"),
        ({"team": "team-b"}, 403, "team", "team-a"),
    ],
)
def test_fields(stack: Stack, client: Client, change: dict[str, object], status: int, field: str, allowed: str) -> None:
    before = written(stack)
    reasons = {400: "INVALID_REQUEST", 403: "NOT_PERMITTED", 422: "POLICY_REFUSED"}
    violations = check_shape(client.create(GUIDE_REQUEST | change), status, reasons[status])
    assert allowed in violations[field]
    assert written(stack) == before


@pytest.mark.parametrize("body", [b'{"name":', b"", b"[]", b'{"name":"a","name":"b"}', b"\xff\xfe{}"])
def test_malformed_json(stack: Stack, client: Client, body: bytes) -> None:
    before = written(stack)
    answer = client.create(body)
    assert answer.status in (400, 422), answer
    assert written(stack) == before


@pytest.mark.parametrize("key", [None, "", "with space", "x" * 256])
def test_idempotency_key(stack: Stack, client: Client, key: str | None) -> None:
    before = written(stack)
    answer = client.call("POST", "/clusters", GUIDE_REQUEST, key)
    assert "Idempotency-Key" in check_shape(answer, 400, "INVALID_REQUEST")
    assert written(stack) == before


def test_reused_key(stack: Stack, client: Client) -> None:
    key = str(uuid.uuid4())
    assert client.create(GUIDE_REQUEST | {"name": "bad-reuse"}, key).status == 202
    before = written(stack)
    check_shape(client.create(GUIDE_REQUEST | {"name": "bad-reuse-2"}, key), 422, "IDEMPOTENCY_KEY_REUSED")
    assert written(stack) == before


def test_taken_name(stack: Stack, client: Client) -> None:
    body = GUIDE_REQUEST | {"name": "bad-taken"}
    assert client.create(body).status == 202
    before = written(stack)
    check_shape(client.create(body), 409, "NAME_TAKEN")
    assert written(stack) == before


def forged(stack: Stack, folder: Path) -> dict[str, str]:
    """Tokens that must not work."""
    good = stack.token("admin")
    header, payload, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
    ours = SigningKeys(identity.signing_keys(stack.folder / "keys"), utc_now)
    add_key(folder / "keys.json", utc_now())
    other = SigningKeys(folder / "keys.json", utc_now)
    public = json.dumps(ours.public()[0])
    return {
        "nothing": "",
        "garbage": "abc.def.ghi",
        "another key": other.sign(claims),
        "expired": ours.sign(claims | {"exp": int(time.time()) - 60}),
        "without an end": ours.sign({name: value for name, value in claims.items() if name != "exp"}),
        "another audience": ours.sign(claims | {"aud": "another"}),
        "another issuer": ours.sign(claims | {"iss": "another"}),
        "alg none": f"{encoded({'alg': 'none'})}.{payload}.",
        "our public key as a shared secret": jwt.encode(
            {"alg": "HS256", "kid": kid}, claims, OctKey.import_key(public)
        ),
        "changed claims": f"{header}.{encoded(claims | {'sub': 'x'})}.{signature}",
        "a nonce": Client(stack, token="").call("POST", "/auth/logins", {}).body["nonce"],
    }


def encoded(part: dict[str, object]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


FORGED = (
    "nothing",
    "garbage",
    "another key",
    "expired",
    "without an end",
    "another audience",
    "another issuer",
    "alg none",
    "our public key as a shared secret",
    "changed claims",
    "a nonce",
)


@pytest.mark.parametrize("kind", FORGED)
def test_wrong_tokens(stack: Stack, tmp_path: Path, kind: str) -> None:
    before = written(stack)
    client = Client(stack, token=forged(stack, tmp_path)[kind])
    check_shape(client.create(GUIDE_REQUEST), 401, "NOT_AUTHENTICATED")
    answer = client.call("GET", "/clusters")
    check_shape(answer, 401, "NOT_AUTHENTICATED")
    assert "sign in: POST /api/v1/auth/logins" in answer.body["message"]
    assert written(stack) == before


def test_identity_headers_of_a_client_are_dropped(stack: Stack) -> None:
    admin = stack.token("admin").split(".")[1]
    client = Client(stack, token="")
    answer = client._http.request(
        "GET", f"{stack.url}/api/v1/clusters", headers={"x-ocpctl-identity": admin, "X-Ocpctl-Identity": admin}
    )
    assert answer.status == 401
    requester = Client(stack)
    forged_team = requester._http.request(
        "GET",
        f"{stack.url}/api/v1/clusters?team=platform",
        headers={"authorization": f"Bearer {stack.token('requester')}", "x-ocpctl-identity": admin},
    )
    assert forged_team.json()["clusters"] == []


def test_roles(stack: Stack) -> None:
    auditor, admin = Client(stack, "auditor"), Client(stack, "admin")
    check_shape(auditor.create(GUIDE_REQUEST), 403, "NOT_PERMITTED")
    assert auditor.call("GET", "/clusters").status == 200
    created = admin.create(GUIDE_REQUEST | {"name": "of-team-b", "team": "team-b"}).body["clusterId"]
    check_shape(Client(stack).call("GET", f"/clusters/{created}"), 404, "NOT_FOUND")
    check_shape(Client(stack).destroy(created), 404, "NOT_FOUND")
    check_shape(auditor.call("GET", f"/clusters/{created}/outputs"), 403, "NOT_PERMITTED")


@pytest.mark.parametrize("cluster_id", [UNKNOWN_CLUSTER, "clu_x", "x' OR 1=1", "..", "%00"])
def test_unknown_ids(stack: Stack, client: Client, cluster_id: str) -> None:
    for path in ("", "/outputs", "/receipt"):
        assert client.call("GET", f"/clusters/{cluster_id}{path}").status in (400, 404)
    assert client.destroy(cluster_id).status in (400, 404)
    check_shape(client.call("GET", "/jobs/job_01ARZ3NDEKTSV4RRFFQ69G5FAV"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/clusters", 404),
        ("GET", "/clusters?colour=red", 400),
        ("GET", "/clusters?pageSize=-1", 400),
        ("GET", "/clusters?pageToken=abc", 400),
    ],
)
def test_routes_and_parameters(client: Client, method: str, path: str, status: int) -> None:
    answer = client.call(method, path)
    assert answer.status == status
    assert set(answer.body) == {"code", "message", "details"}


def test_a_huge_body(client: Client) -> None:
    answer = client.create(b'{"name":"' + b"a" * 2_000_000 + b'"}')
    assert answer.status == 413
    assert set(answer.body) == {"code", "message", "details"}


def test_outputs_and_receipt_of_the_wrong_state(client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "bad-state"}).body["clusterId"]
    check_shape(client.call("GET", f"/clusters/{cluster_id}/outputs"), 409, "NOT_READY")
    check_shape(client.call("GET", f"/clusters/{cluster_id}/receipt"), 409, "WRONG_STATE")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    check_shape(client.destroy(cluster_id), 409, "DESTROYED")


def test_pages(stack: Stack) -> None:
    admin = Client(stack, "admin")
    for number in range(3):
        admin.create(GUIDE_REQUEST | {"name": f"page-{number}", "owner": "pages@example.com"})
    first = admin.call("GET", "/clusters?owner=pages@example.com&pageSize=2").body
    token = first["nextPageToken"]
    second = admin.call("GET", f"/clusters?owner=pages@example.com&pageSize=2&pageToken={token}").body
    names = [cluster["name"] for cluster in (*first["clusters"], *second["clusters"])]
    assert names == ["page-2", "page-1", "page-0"]
    assert second["nextPageToken"] == ""
    check_shape(admin.call("GET", f"/clusters?pageToken={token}"), 400, "INVALID_REQUEST")
    check_shape(
        Client(stack, "auditor").call("GET", f"/clusters?owner=pages@example.com&pageToken={token}"),
        400,
        "INVALID_REQUEST",
    )


def test_pages_of_jobs(stack: Stack) -> None:
    admin = Client(stack, "admin")
    made = [admin.create(GUIDE_REQUEST | {"name": f"jobs-{number}"}).body for number in range(3)]
    wanted = "&".join(f"clusterId={answer['clusterId']}" for answer in made) + "&type=CREATE&pageSize=2"
    first = admin.call("GET", f"/jobs?{wanted}").body
    second = admin.call("GET", f"/jobs?{wanted}&pageToken={first['nextPageToken']}").body
    found = [job["id"] for job in (*first["jobs"], *second["jobs"])]
    assert found == [answer["jobId"] for answer in reversed(made)]
    assert second["nextPageToken"] == ""
    check_shape(admin.call("GET", f"/jobs?status=PENDING&pageToken={first['nextPageToken']}"), 400, "INVALID_REQUEST")
    for answer in made:
        admin.destroy(answer["clusterId"])


def test_validate_only_writes_nothing(stack: Stack, client: Client) -> None:
    before = written(stack)
    answer = client.create(GUIDE_REQUEST | {"validateOnly": True})
    assert answer.status == 200
    assert answer.body["resolved"]["hourlyCostMicros"] == "2500000"
    assert answer.body["clusterId"] == ""
    assert written(stack) == before


def test_profiles(client: Client) -> None:
    profiles = {profile["name"]: profile for profile in client.call("GET", "/profiles").body["profiles"]}
    assert profiles["aws-minimal-test"]["maxTtlHours"] == 72
    assert profiles["ibm-standard"]["enabled"] is False


def test_one_profile(client: Client) -> None:
    assert client.call("GET", "/profiles/aws-minimal-test").body["defaultVersion"] == "4.20.3"
    check_shape(client.call("GET", "/profiles/aws-maximal"), 404, "NOT_FOUND")


def test_what_is_refused_is_audited(stack: Stack, client: Client) -> None:
    answer = client.create(GUIDE_REQUEST | {"region": "mars-2"})
    with psycopg.connect(stack.urls["database"]) as connection:
        statement = "SELECT actor, action, outcome, reason FROM audit_events WHERE correlation_id = %s"
        rows = connection.execute(statement, [answer.headers["x-request-id"]]).fetchall()
    assert rows == [(identity.PRINCIPALS["requester"].arn, "CreateCluster", "DENIED", "POLICY_REFUSED")]


def test_readiness_without_a_token(stack: Stack) -> None:
    client = Client(stack, token="")
    for path in ("/healthz", "/readyz"):
        assert client._http.request("GET", f"{stack.url}{path}").status == 200


def test_the_folder_of_the_stack_is_private(stack: Stack) -> None:
    keys = stack.folder / "keys"
    secret = (identity.signing_keys(keys), identity.access_keys(keys), identity.credentials(keys))
    for path in (stack.folder / "state.json", *secret):
        assert Path(path).stat().st_mode & 0o077 == 0
