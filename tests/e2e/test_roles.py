"""Every cell of the table role × RPC, through Envoy: refused where it says no, and only there."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message_factory import GetMessageClass
from ocpctl_envoy.rendering import FILES
from ocpctl_local.stack import Stack

from tests.role_table import ALLOWED, WITHOUT_SESSION, may

PRINCIPALS = {"requester": "requester", "platform_admin": "admin", "auditor": "auditor"}


def methods() -> Iterator[MethodDescriptor]:
    """All that Envoy lets through."""
    for file in FileDescriptorSet.FromString((FILES / "ocpctl.binpb").read_bytes()).file:
        for service in file.service:
            yield from import_module(module_of(file.name)).DESCRIPTOR.services_by_name[service.name].methods


def module_of(proto: str) -> str:
    """Where the generated code of a contract is."""
    return proto.removesuffix(".proto").replace("/", ".") + "_pb2"


def row_of(method: MethodDescriptor) -> str:
    """Its name in the table."""
    return f"{method.containing_service.name}.{method.name}"


def test_every_public_rpc_has_a_row() -> None:
    assert sorted([*ALLOWED, *WITHOUT_SESSION]) == sorted(row_of(method) for method in methods())


@pytest.mark.parametrize("role", PRINCIPALS)
@pytest.mark.parametrize(
    "method", [pytest.param(method, id=method.name) for method in methods() if row_of(method) in ALLOWED]
)
def test_cell(stack: Stack, method: MethodDescriptor, role: str) -> None:
    """An empty request: who may call is told what is wrong with it, who may not is told that."""
    metadata = (
        ("authorization", f"Bearer {stack.token(PRINCIPALS[role])}"),
        ("idempotency-key", f"{role}-{method.name}"),
    )
    path = f"/{method.containing_service.full_name}/{method.name}"
    with grpc.insecure_channel(stack.url.removeprefix("http://")) as channel:
        kind: Any = channel.unary_stream if method.server_streaming else channel.unary_unary
        call = kind(
            path,
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        try:
            answer = call(GetMessageClass(method.input_type)(), metadata=metadata, timeout=5)
            if method.server_streaming:
                next(answer)  # a refusal comes instead of the first message
            code = grpc.StatusCode.OK
        except grpc.RpcError as error:
            code = error.code()
    refused = code is grpc.StatusCode.PERMISSION_DENIED
    assert refused != may(role, row_of(method)), code
