"""Who may call what: a row for every RPC of the contract, nothing else, and a refusal for every kind of call."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any
from unittest.mock import create_autospec

import grpc
import pytest
from google.protobuf.descriptor import FileDescriptor
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from ocpctl_common.rpc.peer_check import KINDS, PEER_DNS, PeerCheck
from ocpctl_common.rpc.peers import ALLOWED, ENVOY, GATEWAY, JANITOR, NAMES, RUNNER, is_allowed
from ocpctl_common.telemetry import metrics
from ocpctl_local.settings import ROOT

CREATE = "/ocpctl.internal.v1.RequestService/CreateCluster"


def contract() -> Iterator[FileDescriptor]:
    """Every file that may define a service which one of our servers offers."""
    yield from (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR)
    for proto in (ROOT / "protos").rglob("*.proto"):
        module = ".".join(proto.relative_to(ROOT / "protos").with_suffix("").parts)
        yield import_module(f"{module}_pb2").DESCRIPTOR


def test_every_rpc_of_the_contract_has_a_row_and_there_are_no_others() -> None:
    services = [service for file in contract() for service in file.services_by_name.values()]
    told = {service.full_name: {method.name for method in service.methods} for service in services}
    assert {service: set(rows) for service, rows in ALLOWED.items()} == told


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("/ocpctl.v1.ClusterService/CreateCluster", {ENVOY}),
        ("/envoy.service.auth.v3.Authorization/Check", {ENVOY}),
        (CREATE, {GATEWAY}),
        ("/ocpctl.internal.v1.LeaseService/Acquire", {RUNNER}),
        ("/ocpctl.internal.v1.SweepService/TakeOver", {JANITOR}),
        ("/grpc.health.v1.Health/Check", set(NAMES)),
        ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", {ENVOY}),
        ("/ocpctl.internal.v1.RequestService/Unknown", set()),
        ("/ocpctl.internal.v1.Unknown/CreateCluster", set()),
    ],
)
def test_who_may(path: str, may: set[str]) -> None:
    assert {name for name in NAMES if is_allowed(path, [name])} == may
    assert not is_allowed(path, [])
    assert not is_allowed(path, ["api-gateway.example.com", "x-envoy"])


def called(kind: str, **auth: list[bytes]) -> tuple[Any, list[str]]:
    """The status with which a call to CREATE ends, and what ran of it."""
    ran: list[str] = []
    handler = KINDS[kind](lambda request, context: ran.append("servicer"))
    details = create_autospec(grpc.HandlerCallDetails, instance=True, method=CREATE)
    wrapped = PeerCheck().intercept_service(lambda _: handler, details)
    context = create_autospec(grpc.ServicerContext, instance=True)
    context.auth_context.return_value = auth
    context.invocation_metadata.return_value = ()
    context.abort_with_status.side_effect = Aborted
    try:
        getattr(wrapped, kind)(b"", context)
    except Aborted:
        return context.abort_with_status.call_args.args[0], ran
    return None, ran


class Aborted(Exception):
    """What gRPC raises when a call is aborted."""


def refusals(peer: str) -> float:
    """How many are counted."""
    labels = {"peer": peer, "method": "CreateCluster"}
    return metrics.registry((metrics.peer_refusals,)).get_sample_value("ocpctl_peer_refusals_total", labels) or 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_calls_and_streams_alike_are_refused_and_counted(kind: str) -> None:
    assert called(kind, **{PEER_DNS: [b"api-gateway"]}) == (None, ["servicer"])
    before = refusals("janitor")
    status, ran = called(kind, **{PEER_DNS: [b"janitor"]})
    assert status.code is grpc.StatusCode.PERMISSION_DENIED
    assert b"NOT_PERMITTED" in status.trailing_metadata[0][1]
    assert ran == []
    assert refusals("janitor") == before + 1


def test_another_kind_of_name_and_no_name_are_no_name() -> None:
    for auth in ({}, {"x509_subject_alternative_name": [b"api-gateway"], "x509_common_name": [b"api-gateway"]}):
        status, ran = called("unary_unary", **auth)
        assert status.code is grpc.StatusCode.PERMISSION_DENIED
        assert ran == []
