"""The strict reading of JSON bodies."""

import json
import time

import pytest
from ocpctl.external import ext_authz_pb2 as pb
from ocpctl_api_gateway.body_check import BODIES, BodyCheck
from ocpctl_local.settings import ROOT

CHECK = BodyCheck()


def check(body: bytes, path: str = "/api/v1/clusters", **headers: str) -> pb.CheckResponse:
    request = pb.CheckRequest()
    http = request.attributes.request.http
    http.method, http.path, http.raw_body = "POST", path, body
    for name, value in {"content-type": "application/json", **headers}.items():
        http.headers[name.replace("_", "-")] = value
    return CHECK.Check(request, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"name":', "not valid JSON"),
        (b'{"name":"a","name":"b"}', "duplicate keys name"),
        (b"[1]", "must be a JSON object"),
        (b'{"profle":"x"}', "profle: is not a field of this request; allowed: name, platform"),
        (b'{"base_domain":"x"}', "base_domain: is not a field"),
        (b'{"ttlHours":"24"}', "ttlHours: must be a whole number"),
        (b'{"ttlHours":true}', "ttlHours: must be a whole number"),
        (b'{"ttlHours":99999999999}', "ttlHours: must be a whole number"),
        (b'{"ttlHours":NaN}', "NaN is not JSON"),
        (b'{"name":null}', "name: must be a string"),
        (b'{"tags":{"a":1}}', "tags: must be an object whose values are strings"),
        (b'{"validateOnly":"yes"}', "validateOnly: must be true or false"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"ttlHours":' + b"9" * 5_000 + b"}", "a number of 5000 digits"),
        (b'{"\\ud800":1}', "half a surrogate pair"),
        (b"[" * 100_000, "nested more than 16 levels deep"),
        (b'{"a":' * 100_000, "nested more than 16 levels deep"),
        (b'{"name":' + b"[" * 16 + b"]" * 16 + b"}", "nested more than 16 levels deep"),
        (b'{"name":' + b"[" * 15 + b"]" * 15 + b"}", "name: must be a string"),
    ],
)
def test_refused(body: bytes, words: str) -> None:
    response = check(body)
    assert response.denied_response.status.code == 400
    status = json.loads(response.denied_response.body)
    assert words in status["message"]
    assert status["code"] == 3


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"name":"a","ttlHours":24,"tags":{"a":"b"},"validateOnly":true}', "/api/v1/clusters"),
        (b"", "/api/v1/clusters/clu_1/destroy"),
        (b"{}", "/api/v1/clusters/clu_1/destroy?x=y"),
    ],
)
def test_passed(body: bytes, path: str) -> None:
    assert check(body, path).status.code == 0


def test_messages_are_not_json() -> None:
    path = "/ocpctl.v1.ClusterService/CreateCluster"
    assert check(b"\0\0\0\0\x05abc", path, content_type="application/grpc+proto").status.code == 0


@pytest.mark.parametrize(
    "content_type", ["application/grpc", "application/grpc-web", "application/grpcx", "text/plain"]
)
def test_no_content_type_makes_a_body_less_strict(content_type: str) -> None:
    """The transcoder reads JSON whatever it is called, but for what is truly gRPC."""
    assert check(b'{"profle":"x"}', content_type=content_type).denied_response.status.code == 400


@pytest.mark.parametrize("path", ["/api/v1/clusters/", "/api/v1/clusters;a", "/api/v1/not-a-route", "/"])
def test_a_body_where_we_know_of_none_is_refused(path: str) -> None:
    """The transcoder knows other spellings of a path: it takes the first one for a create."""
    assert check(b'{"profle":"x"}', path).denied_response.status.code == 404


def test_a_body_of_many_wrong_keys_is_answered_soon_and_briefly() -> None:
    """Each key once cost a search of all keys: a minute for 50,000 of them."""
    body = json.dumps({f"key-{number}": 1 for number in range(50_000)}).encode()
    began = time.process_time()
    response = check(body)
    assert time.process_time() - began < 2
    assert len(response.denied_response.body) < 20_000


def test_a_truncated_body_is_refused() -> None:
    assert check(b"{}", x_envoy_auth_partial_body="true").denied_response.status.code == 400


def test_every_route_that_changes_something_is_read_strictly() -> None:
    """Envoy would drop the unknown keys of a forgotten one."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    changing = {path for path, operations in paths.items() if set(operations) - {"get"}}
    read = {path for path in changing for pattern, _ in BODIES if pattern.fullmatch(path)}
    assert read == changing != set()
