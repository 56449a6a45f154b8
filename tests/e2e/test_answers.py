"""What every answer says to browsers, whoever gives it: the gateway, Envoy, or Envoy before it has a request."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from ocpctl_local.client import Answer
from ocpctl_local.stack import Stack

from tests.e2e.conftest import CONSOLE
from tests.e2e.wire import get

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "cross-origin-resource-policy": "same-origin",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
PREFLIGHT = ("access-control-request-method: POST", "access-control-request-headers: authorization,idempotency-key")


def check_headers(headers: dict[str, str]) -> None:
    assert ALWAYS.items() <= headers.items()
    telling = {name for name in headers if name == "server" or name.startswith(("x-envoy", "x-powered", "x-ocpctl"))}
    assert telling == set()


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        ("/api/v1/profiles", "requester", 200),
        ("/api/v1/profiles/none", "requester", 404),
        ("/api/v1/admin/locks", "requester", 403),
        ("/api/v1/clusters", "", 401),
        ("/nothing", "", 404),
        ("/api/v1/clusters%2F", "", 400),
        ("/api/v1/clusters?owner=" + "a" * 20_000, "", 431),
        ("/healthz", "", 200),
        ("/readyz", "", 200),
    ],
)
def test_headers(stack: Stack, path: str, token: str, status: int) -> None:
    answer = get(stack, path, token=token)
    assert answer.status == status
    check_headers(answer.headers)
    assert answer.headers["content-security-policy"] == NOTHING
    assert answer.headers["cache-control"] == "no-store"


def test_headers_of_grpc(stack: Stack) -> None:
    with grpc.insecure_channel(stack.url.removeprefix("http://")) as channel:
        request = health_pb2.HealthCheckRequest()
        _, call = health_pb2_grpc.HealthStub(channel).Check.with_call(request, timeout=5)
    check_headers({key: str(value) for key, value in call.initial_metadata()})


def cors(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control")}


def test_the_console_may_ask_with_its_cookie(stack: Stack) -> None:
    answer = get(stack, "/api/v1/clusters", f"origin: {CONSOLE}", *PREFLIGHT, method="OPTIONS")
    assert answer.status == 200
    assert cors(answer)["access-control-allow-origin"] == CONSOLE
    assert cors(answer)["access-control-allow-credentials"] == "true"
    assert "idempotency-key" in cors(answer)["access-control-allow-headers"]
    assert {"GET", "POST", "DELETE"} <= set(cors(answer)["access-control-allow-methods"].split(", "))
    check_headers(answer.headers)


@pytest.mark.parametrize(("token", "status"), [("requester", 200), ("", 401)])
def test_the_console_may_read_answers_and_refusals(stack: Stack, token: str, status: int) -> None:
    answer = get(stack, "/api/v1/profiles", f"origin: {CONSOLE}", token=token)
    assert answer.status == status
    assert cors(answer)["access-control-allow-origin"] == CONSOLE
    assert "retry-after" in cors(answer)["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        f"{CONSOLE}.evil.example",
        CONSOLE.upper(),
        CONSOLE.replace("s:", ":"),
        f"{CONSOLE}:444",
    ],
)
def test_no_other_origin_is_told_anything(stack: Stack, origin: str) -> None:
    preflight = get(stack, "/api/v1/clusters", f"origin: {origin}", *PREFLIGHT, method="OPTIONS")
    assert (preflight.status, cors(preflight)) == (401, {})
    assert cors(get(stack, "/api/v1/profiles", f"origin: {origin}", token="requester")) == {}
