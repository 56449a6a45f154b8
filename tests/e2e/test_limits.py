"""How much, how often, how deep and how slowly one may ask."""

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from ocpctl.v1.cluster_service_pb2 import CreateClusterRequest, ListClustersRequest, ListClustersResponse
from ocpctl.v1.cluster_service_pb2_grpc import ClusterServiceStub
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack

from tests.e2e.wire import Json, envoy, error_of, exchange, filter_of, get

A_MINUTE = 3
ANOTHER = "arn:aws:iam::123456789012:role/another"
LIST = "/ocpctl.v1.ClusterService/ListClusters"


@pytest.fixture(scope="module")
def narrow(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The stack through an Envoy that has little patience."""

    def change(connections: Json) -> None:
        for name in ("envoy.filters.http.local_ratelimit", "envoy.filters.http.local_ratelimit.strangers"):
            for one in filter_of(connections, name)["descriptors"]:
                one["token_bucket"] |= {"max_tokens": A_MINUTE, "tokens_per_fill": A_MINUTE}
        connections["request_timeout"] = connections["request_headers_timeout"] = "0.5s"

    with envoy(stack, tmp_path_factory.mktemp("narrow"), change) as url:
        yield url


def test_a_principal_who_asks_too_often_waits_and_another_does_not(stack: Stack, narrow: str) -> None:
    answers = [get(stack, "/api/v1/profiles", token="requester", url=narrow) for _ in range(A_MINUTE + 1)]
    assert [answer.status for answer in answers] == [200] * A_MINUTE + [429]
    assert error_of(answers[-1]) == (429, "RATE_LIMITED")
    retry = next(detail for detail in answers[-1].body["details"] if detail["@type"].endswith("RetryInfo"))
    assert retry["retryDelay"] == f"{answers[-1].headers['retry-after']}s"
    other = f"x-ocpctl-principal: {ANOTHER}"
    assert error_of(get(stack, "/api/v1/profiles", other, token="requester", url=narrow)) == (429, "RATE_LIMITED")
    assert get(stack, "/api/v1/profiles", token="auditor", url=narrow).status == 200
    with pytest.raises(grpc.RpcError) as refused:
        _call(narrow, stack, "requester", LIST, b"")
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_who_has_not_signed_in_is_counted_by_address_and_stops_nobody_else(stack: Stack, narrow: str) -> None:
    statuses = [get(stack, "/docs", url=narrow).status for _ in range(A_MINUTE + 1)]
    assert statuses == [200] * A_MINUTE + [429]
    assert get(stack, "/api/v1/profiles", token="admin", url=narrow).status == 200
    forged = get(stack, "/docs", "x-ocpctl-principal: somebody", url=narrow)
    assert error_of(forged) == (429, "RATE_LIMITED")


@pytest.mark.parametrize("unfinished", [b"GET /api/v1/clu", b"POST /api/v1/clusters HTTP/1.1\r\nhost: x\r\n"])
def test_slow_headers_are_cut_off(narrow: str, unfinished: bytes) -> None:
    began = time.monotonic()
    assert error_of(exchange(narrow, unfinished)) == (408, "REQUEST_TIMEOUT")
    assert time.monotonic() - began < 10


def test_a_slow_body_is_cut_off(stack: Stack, narrow: str) -> None:
    head = f"POST /api/v1/clusters HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {stack.token('admin')}\r\n"
    answer = exchange(narrow, f'{head}content-length: 100\r\n\r\n{{"name"'.encode())
    assert error_of(answer) == (408, "REQUEST_TIMEOUT")


@pytest.mark.parametrize(
    "request_line",
    ["GET /api/v1/clusters/" + "a" * 20_000, "GET /api/v1/clusters?owner=" + "a" * 20_000],
    ids=["path", "query"],
)
def test_long_paths(stack: Stack, request_line: str) -> None:
    answer = exchange(stack.url, f"{request_line} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    assert error_of(answer) == (431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize("headers", [["x-long: " + "a" * 20_000], [f"x-{number}: a" for number in range(120)]])
def test_large_and_many_headers(stack: Stack, headers: list[str]) -> None:
    assert error_of(get(stack, "/api/v1/clusters", *headers, token="requester")) == (431, "HEADERS_TOO_LARGE")


def test_what_just_fits_reaches_the_gateway(stack: Stack) -> None:
    """With the copy of its path that Envoy adds: more than gRPC's own default takes."""
    assert get(stack, "/api/v1/clusters?owner=" + "a" * 14_000, token="requester").body["clusters"] == []


@pytest.mark.parametrize(
    "body",
    [b"[" * 500_000, b'{"a":' * 100_000, b'{"tags":' + b"[" * 17 + b"]" * 17 + b"}"],
    ids=["arrays", "objects", "one level more"],
)
def test_deep_bodies(client: Client, body: bytes) -> None:
    assert error_of(client.create(body)) == (400, "NESTED_TOO_DEEPLY")


def test_a_body_of_a_mebibyte_is_read_and_a_byte_more_is_not(client: Client) -> None:
    frame = len(b'{"name":""}')
    assert client.create(b'{"name":"' + b"a" * (2**20 - frame) + b'"}').status == 400
    assert error_of(client.create(b'{"name":"' + b"a" * (2**20 - frame + 1) + b'"}')) == (413, "BODY_TOO_LARGE")


def test_bodies_where_none_belongs(client: Client) -> None:
    assert client.call("GET", "/clusters", b"x" * 2_000_000).status in (400, 413)  # whichever is noticed first
    assert error_of(client.call("POST", "/clusters/", GUIDE_REQUEST | {"profle": "x"}, "key")) == (404, "NOT_FOUND")


def _refusal(stack: Stack, message: bytes) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as refused:
        _call(stack.url, stack, "requester", LIST.replace("ListClusters", "CreateCluster"), message)
    code: grpc.StatusCode = refused.value.code()
    return code


def test_large_messages_of_grpc(stack: Stack) -> None:
    large = CreateClusterRequest(name="a" * 5_000_000).SerializeToString()
    codes = {_refusal(stack, large) for _ in range(3)}
    assert grpc.StatusCode.RESOURCE_EXHAUSTED in codes
    # A connection that was about to end with its time ends before its answer is read: asked again it is told.
    assert codes <= {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE}
    with grpc.insecure_channel(stack.url.removeprefix("http://")) as channel:
        metadata = (("authorization", f"Bearer {stack.token('requester')}"),)
        answer = ClusterServiceStub(channel).ListClusters(ListClustersRequest(), metadata=metadata, timeout=5)
    assert isinstance(answer, ListClustersResponse)


@pytest.mark.parametrize("message", [b"\xff\xff", b"\x12\x02\xff\xfe"], ids=["no message", "no UTF-8"])
def test_broken_messages_of_grpc(stack: Stack, message: bytes) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        _call(stack.url, stack, "requester", LIST, message)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def _call(url: str, stack: Stack, principal: str, path: str, message: bytes) -> Any:
    """A gRPC call of bytes as they are."""
    with grpc.insecure_channel(url.removeprefix("http://")) as channel:
        metadata = (("authorization", f"Bearer {stack.token(principal)}"),)
        call: Any = channel.unary_unary(path)
        return call(message, metadata=metadata, timeout=10)
