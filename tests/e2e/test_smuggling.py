"""Headers that only Envoy, or only the gateway, may set: a client's are dropped, in whatever spelling they come."""

import base64
import json

import grpc
import pytest
from ocpctl.v1.admin_service_pb2 import ListLocksRequest
from ocpctl.v1.admin_service_pb2_grpc import AdminServiceStub
from ocpctl_local.stack import Stack

from tests.e2e.wire import error_of, get

ADMIN = "arn:aws:iam::123456789012:user/admin"
ONLY_ADMINS = "/api/v1/admin/locks"


def identity(stack: Stack) -> str:
    """What Envoy would say of an admin."""
    return stack.token("admin").split(".")[1]


@pytest.mark.parametrize("name", ["x-ocpctl-identity", "X-Ocpctl-Identity", "X-OCPCTL-IDENTITY"])
def test_identity(stack: Stack, name: str) -> None:
    forged = f"{name}: {identity(stack)}"
    assert error_of(get(stack, ONLY_ADMINS, forged)) == (401, "NOT_AUTHENTICATED")
    assert error_of(get(stack, ONLY_ADMINS, forged, token="requester")) == (403, "NOT_PERMITTED")
    twice = get(stack, ONLY_ADMINS, forged, forged, token="requester")
    assert error_of(twice) == (403, "NOT_PERMITTED")


@pytest.mark.parametrize("name", ["x_ocpctl_identity", "X_Ocpctl-Identity", "x-ocpctl_principal"])
def test_underscores_are_refused(stack: Stack, name: str) -> None:
    """Some servers read them as dashes."""
    assert error_of(get(stack, ONLY_ADMINS, f"{name}: {identity(stack)}", token="requester")) == (
        400,
        "INVALID_REQUEST",
    )


def test_identity_over_grpc(stack: Stack) -> None:
    metadata = (
        ("authorization", f"Bearer {stack.token('requester')}"),
        ("x-ocpctl-identity", identity(stack)),
        ("x-ocpctl-principal", ADMIN),
    )
    with grpc.insecure_channel(stack.url.removeprefix("http://")) as channel:
        stub = AdminServiceStub(channel)
        with pytest.raises(grpc.RpcError) as known:
            stub.ListLocks(ListLocksRequest(), metadata=metadata, timeout=5)
        with pytest.raises(grpc.RpcError) as unknown:
            stub.ListLocks(ListLocksRequest(), metadata=metadata[1:], timeout=5)
    assert known.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert unknown.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    "header",
    [
        "x-http-status: 299",
        "x-envoy-original-path: /healthz",
        "x-envoy-original-method: GET",
        "x-envoy-auth-partial-body: true",
        "x-envoy-upstream-rq-timeout-ms: 1",
        "x-envoy-upstream-alt-stat-name: x",
        "x-original-url: /healthz",
        "x-rewrite-url: /healthz",
        "x-http-method-override: DELETE",
        "x-forwarded-host: evil.example",
        "x-forwarded-for: 127.0.0.1",
        "forwarded: for=127.0.0.1",
        "content-encoding: gzip",
        "anything-bin: not base64",
        "grpc-status: 0",
        "te: trailers",
        "connection: authorization",
        "connection: x-ocpctl-identity",
    ],
)
def test_headers_that_change_nothing(stack: Stack, header: str) -> None:
    answer = get(stack, ONLY_ADMINS, header, token="requester")
    assert error_of(answer) == (
        (401, "NOT_AUTHENTICATED") if header.endswith(": authorization") else (403, "NOT_PERMITTED")
    )
    assert get(stack, "/api/v1/profiles", header, token="admin").status in (200, 401)


@pytest.mark.parametrize("request_id", ["a" * 129, "\xe9\xff", "with space"])
def test_request_ids_that_nothing_else_could_carry(stack: Stack, request_id: str) -> None:
    assert error_of(get(stack, "/api/v1/profiles", f"x-request-id: {request_id}", token="requester"))[0] == 400


def test_two_tokens_are_none(stack: Stack) -> None:
    """Whichever comes first, nobody has to guess."""
    second = f"authorization: Bearer {stack.token('admin')}"
    assert get(stack, ONLY_ADMINS, second, token="requester").status in (401, 403)


def test_a_token_in_the_query_is_none(stack: Stack) -> None:
    assert error_of(get(stack, f"{ONLY_ADMINS}?access_token={stack.token('admin')}")) == (401, "NOT_AUTHENTICATED")


def test_the_control_an_admin_is_let_in(stack: Stack) -> None:
    assert json.loads(base64.urlsafe_b64decode(identity(stack) + "=="))["sub"] == ADMIN
    assert get(stack, ONLY_ADMINS, token="admin").status == 200
