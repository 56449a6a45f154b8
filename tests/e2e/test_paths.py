"""Paths that mean something else to somebody: each is plainly read or refused, and none gets around the identity."""

import pytest
from ocpctl_local.stack import Stack

from tests.e2e.wire import error_of, exchange, get

SAME = (
    "//api//v1/clusters",
    "/api/v1/../v1/clusters",
    "/api/v1/cl%75sters",
    "/api/v1/x/%2e%2e/clusters",
    "/api\\v1\\clusters",
)
POST = b"POST /api/v1/clusters HTTP/1.1\r\nhost: x\r\n"
REFUSED = (
    "/api%2Fv1%2Fclusters",
    "/api/v1/clusters/..%2f..%2fetc",
    "/api%5cv1%5cclusters",
    "/api/v1/clusters/%00",
    "/api/v1/clusters/a%00b",
    "/api/v1/clusters#part",
    "/api/v1/clusters/\xe9",
    "*",
    "api",
    "",
)


@pytest.mark.parametrize("path", SAME)
def test_another_spelling_is_the_same_to_the_identity_and_to_the_route(stack: Stack, path: str) -> None:
    assert error_of(get(stack, path)) == (401, "NOT_AUTHENTICATED")
    assert "clusters" in get(stack, f"{path}?owner=nobody@example.com", token="requester").body


@pytest.mark.parametrize("path", REFUSED)
def test_what_may_mean_two_things_is_refused(stack: Stack, path: str) -> None:
    assert error_of(get(stack, path, token="requester")) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/API/v1/clusters", "/docs/../nothing", "/docs/%2e%2e/x", "/%"])
def test_what_is_nowhere_is_not_found(stack: Stack, path: str) -> None:
    assert error_of(get(stack, path, token="requester")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "cluster_id", ["%25", ";x=1", "a" * 2_000, "%F0%9F%92%A9", "%0d%0aset-cookie:a=b", "%ff", "..;"]
)
def test_strange_ids(stack: Stack, cluster_id: str) -> None:
    answer = get(stack, f"/api/v1/clusters/{cluster_id}", token="requester")
    assert error_of(answer)[0] in (400, 404)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/ocpctl.v1.ClusterService/ListClusters",
        "//ocpctl.v1.ClusterService/ListClusters",
        "/ocpctl%2Ev1.ClusterService/ListClusters",
    ],
)
def test_grpc_paths_need_an_identity_in_every_spelling(stack: Stack, path: str) -> None:
    answer = get(stack, path, "content-type: application/grpc", "te: trailers", method="POST")
    assert answer.headers.get("grpc-status") == "16"


@pytest.mark.parametrize(
    "query", ["owner=%00", "owner=%ff", "pageSize=99999999999999", "pageToken=%00", "pageToken=W1tbW1s"]
)
def test_strange_queries(stack: Stack, query: str) -> None:
    assert error_of(get(stack, f"/api/v1/clusters?{query}", token="requester")) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "OPTIONS"])
def test_other_methods(stack: Stack, method: str) -> None:
    assert error_of(get(stack, "/api/v1/clusters", token="requester", method=method)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /api/v1/clusters HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/v1/clusters HTTP/1.0\r\n\r\n", 426),
        (b"FOO /api/v1/clusters HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"CONNECT /api/v1/clusters HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"\0\1\2\r\n\r\n", 400),
        (
            POST + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (POST + b"content-length: 4\r\ncontent-length: 5\r\n\r\nabcd", 400),
    ],
    ids=["no host", "HTTP/1.0", "no method", "CONNECT", "garbage", "two framings", "two lengths"],
)
def test_what_is_hardly_http(stack: Stack, request_bytes: bytes, status: int) -> None:
    assert error_of(exchange(stack.url, request_bytes))[0] == status
