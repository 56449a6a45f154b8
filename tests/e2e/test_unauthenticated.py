"""An outsider's battery: whatever people without a session do, those with one are answered soon.

What "soon" is on this machine is measured first, in the same test.
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from ocpctl.v1.auth_service_pb2 import BeginLoginRequest
from ocpctl_api_gateway.contract import ROUTES, Route
from ocpctl_local.client import Answer
from ocpctl_local.stack import Stack

from tests.e2e.wire import envoy, error_of, exchange, filter_of, get
from tests.waiting import wait_for

HELD = 60  # a gateway has 24 threads
SOON = 1.0
ASKED = 100
OFTEN = 200  # requests a second
PROFILES = "/api/v1/profiles"
HOSTILE = (
    "grpc-encoding: bogus",
    "grpc-accept-encoding: bogus",
    "grpc-timeout: 1n",
    "grpc-timeout: x",
    "grpc-message-type: x",
    "te: bogus",
    "content-type: application/grpc",
    "content-type: application/grpc-web+proto",
    "x-http-method-override: GET",
    "x-envoy-original-path: /x",
    "x-http-status: 999",
    "grpc-previous-rpc-attempts: x",
    "grpc-retry-pushback-ms: x",
    "grpc-internal-encoding-request: bogus",
    "grpc-status: 14",
)


def p99(stack: Stack, url: str = "") -> float:
    """Of an honest caller, in seconds."""

    def seconds() -> float:
        began = time.monotonic()
        assert get(stack, PROFILES, token="requester", url=url).status == 200
        return time.monotonic() - began

    return sorted(seconds() for _ in range(ASKED))[ASKED * 99 // 100 - 1]


@pytest.fixture(scope="module")
def soon(stack: Stack) -> float:
    """How long an answer may take: a second, on a machine that has nothing else to do."""
    return max(SOON, 10 * p99(stack))


@contextmanager
def channels(stack: Stack, count: int) -> Iterator[list[grpc.Channel]]:
    """Connections of their own."""
    target = stack.url.removeprefix("http://")
    made = [grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(count)]
    try:
        yield made
    finally:
        for channel in made:
            channel.close()


def never() -> Iterator[Any]:
    """Requests that do not come."""
    threading.Event().wait()
    yield


def reflect(channel: grpc.Channel, metadata: Any = ()) -> Any:
    ask = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo
    return ask(_one_question(), metadata=metadata)


def _one_question() -> Iterator[Any]:
    yield reflection_pb2.ServerReflectionRequest(list_services="")
    yield from never()


def watch(channel: grpc.Channel) -> Any:
    return health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())


def unfinished(path: str) -> Callable[[grpc.Channel], Any]:
    """A call whose message does not come."""

    def call(channel: grpc.Channel) -> Any:
        begin: Any = channel.stream_stream(path, request_serializer=BeginLoginRequest.SerializeToString)
        return begin(never())

    return call


HELD_OPEN: dict[str, Callable[[grpc.Channel], Any]] = {
    "reflection": reflect,
    "health watch": watch,
    "login": unfinished("/ocpctl.v1.AuthService/BeginLogin"),
    "session": unfinished("/ocpctl.v1.AuthService/CreateSession"),
    "keys": unfinished("/ocpctl.v1.AuthService/GetKeys"),
    "health": unfinished("/grpc.health.v1.Health/Check"),
    "a call that needs a session": unfinished("/ocpctl.v1.ClusterService/ListClusters"),
}


@pytest.mark.parametrize("hold", HELD_OPEN.values(), ids=HELD_OPEN)
def test_what_needs_no_session_is_held_open(stack: Stack, soon: float, hold: Callable[[grpc.Channel], Any]) -> None:
    with channels(stack, HELD) as held:
        calls = [hold(channel) for channel in held]
        time.sleep(0.5)
        assert p99(stack) < soon
        assert get(stack, "/readyz").status == 200
        for call in calls:
            call.cancel()


@contextmanager
def unread(stack: Stack, path: str) -> Iterator[None]:
    """Many connections that ask again and again and read nothing, for the length of the block."""
    address = urlsplit(stack.url)
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
    with ExitStack() as held:
        for _ in range(HELD):
            connection = held.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            connection.connect((address.hostname, address.port))
            connection.setblocking(False)
            with suppress(BlockingIOError):
                connection.send(request * ASKED)
        yield


@pytest.mark.parametrize("path", ["/api/v1/auth/keys", "/openapi.json", "/readyz", PROFILES])
def test_who_reads_nothing_of_the_answers(stack: Stack, soon: float, path: str) -> None:
    with unread(stack, path):
        assert p99(stack) < soon
        assert get(stack, "/readyz").status == 200


def test_reflection_with_a_session_takes_no_more_threads_than_streams_may(stack: Stack, soon: float) -> None:
    metadata = (("authorization", f"Bearer {stack.token('requester')}"),)
    with channels(stack, HELD) as held:
        calls = [reflect(channel, metadata) for channel in held]
        codes = Counter(first(call) for call in calls)
        assert codes.keys() == {"answered", grpc.StatusCode.UNAVAILABLE}
        assert 1 <= codes["answered"] <= 3
        assert p99(stack) < soon
        for call in calls:
            call.cancel()


def first(call: Any) -> Any:
    """Whether a dialogue is answered, or with which code it ends."""
    try:
        next(call)
    except grpc.RpcError as error:
        return error.code()
    return "answered"


def test_reflection_without_a_session(stack: Stack) -> None:
    with channels(stack, 1) as [channel]:
        assert first(reflect(channel)) is grpc.StatusCode.UNAUTHENTICATED
        assert first(watch(channel)) is grpc.StatusCode.UNIMPLEMENTED


FORGED = {
    "signature": "authorization: AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/20260101/us-east-1/ocpctl/"
    "aws4_request, SignedHeaders=host;x-amz-date, Signature=" + "0" * 64,
    "nonsense": "authorization: AWS4-nonsense",
    "front": "x-ocpctl-front-identity: arn=arn:aws:iam::123456789012:role/admin;user-id=AIDA;account=123456789012",
}
LIMIT = 300


@pytest.fixture(scope="module")
def counting(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The stack through an Envoy that counts requests without a session."""

    def change(connections: dict[str, Any]) -> None:
        for one in filter_of(connections, "envoy.filters.http.local_ratelimit.strangers")["descriptors"]:
            one["token_bucket"] |= {"max_tokens": LIMIT, "tokens_per_fill": LIMIT}

    folder: Path = tmp_path_factory.mktemp("counting")
    with envoy(stack, folder, change) as url:
        yield url


@pytest.mark.parametrize("header", FORGED.values(), ids=FORGED)
def test_forged_identities_at_two_hundred_a_second(stack: Stack, counting: str, soon: float, header: str) -> None:
    before = anonymous(stack)
    statuses, over = Counter[int](), threading.Event()

    def forge() -> None:
        began, sent = time.monotonic(), 0
        while not over.is_set():
            if sent > (time.monotonic() - began) * OFTEN / 2:
                time.sleep(0.005)
                continue
            sent += 1
            statuses[get(stack, PROFILES, header, url=counting).status] += 1

    threads = [threading.Thread(target=forge) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: statuses.total() > 2 * LIMIT, what="many forged requests")
        assert p99(stack, counting) < soon
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert statuses.keys() == {401, 429}
    assert anonymous(stack) - before <= 4, "refusals of nobody are summed up"


def anonymous(stack: Stack) -> int:
    """How many audit events nobody has caused."""
    answer = get(stack, "/api/v1/audit?actor=anonymous&action=SignedRequest&pageSize=100", token="auditor")
    return len(answer.body["events"])


def asked(route: Route, query: str = "") -> str:
    return f"/api/v1{route.path.pattern.removeprefix('/api/v1').replace('[^/]+', 'one')}{query}"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path.pattern}")
def test_hostile_headers_and_queries_on_every_route(stack: Stack, route: Route) -> None:
    for header in HOSTILE:
        answer = ask(stack, route, asked(route), header)
        assert answer.status < 500, (header, answer)
        assert answer.status < 300 or error_of(answer), (header, answer)
        assert "json" in answer.headers["content-type"] or "csv" in answer.headers["content-type"], (header, answer)
        assert answer.status >= 400 or answer.headers.get("grpc-status", "0") == "0", (header, answer)
    if route.takes_body:
        assert error_of(ask(stack, route, asked(route, "?validateOnly=false"))) == (400, "INVALID_REQUEST")
    for name in route.variables:
        assert error_of(ask(stack, route, asked(route, f"?{name}=other"))) == (400, "INVALID_REQUEST")


def ask(stack: Stack, route: Route, path: str, *headers: str) -> Answer:
    return get(stack, path, "content-length: 0", *headers, method=route.method, token="auditor")


FLOODS = {
    "logins": ("POST", "/api/v1/auth/logins", ()),
    "logins with a token that is none": ("POST", "/api/v1/auth/logins", ("authorization: Bearer x",)),
    "keys": ("GET", "/api/v1/auth/keys", ()),
    "a front that is none": ("GET", PROFILES, (FORGED["front"],)),
}


@pytest.mark.parametrize(("method", "path", "headers"), FLOODS.values(), ids=FLOODS)
def test_who_shows_no_session_is_counted_before_anything_else(
    stack: Stack, counting: str, method: str, path: str, headers: tuple[str, ...]
) -> None:
    length = ("content-length: 0",) if method == "POST" else ()
    answers = (get(stack, path, *length, *headers, method=method, url=counting) for _ in range(2 * LIMIT))
    statuses = Counter(answer.status for answer in answers)
    assert statuses[429] > LIMIT // 2, statuses


def test_a_body_of_who_shows_no_session_is_short(stack: Stack) -> None:
    body = b'{"a": "' + b"x" * 100_000 + b'"}'
    head = f"POST /api/v1/auth/logins HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
    assert error_of(exchange(stack.url, head.encode() + body)) == (413, "BODY_TOO_LARGE")
