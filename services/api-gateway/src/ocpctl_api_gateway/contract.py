"""The routes and RPCs of the public contract, read from its descriptors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from google.api.annotations_pb2 import http
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from ocpctl.v1 import (
    access_service_pb2,
    admin_service_pb2,
    audit_service_pb2,
    auth_service_pb2,
    cluster_service_pb2,
    job_service_pb2,
    profile_service_pb2,
    report_service_pb2,
)

FILES = (
    access_service_pb2,
    admin_service_pb2,
    audit_service_pb2,
    auth_service_pb2,
    cluster_service_pb2,
    job_service_pb2,
    profile_service_pb2,
    report_service_pb2,
)
_VARIABLE = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An HTTP binding of an RPC. `variables` are the fields in its path, as proto names and as JSON names."""

    method: str
    path: re.Pattern[str]
    variables: frozenset[str]
    takes_body: bool
    message: Descriptor


def _methods() -> Iterator[tuple[MethodDescriptor, HttpRule, str]]:
    """Each RPC with each of its bindings and the verb of that binding."""
    for method in (m for file in FILES for s in file.DESCRIPTOR.services_by_name.values() for m in s.methods):
        rule = method.GetOptions().Extensions[http]
        for binding in (rule, *rule.additional_bindings):
            yield method, binding, str(binding.WhichOneof("pattern"))


def _routes() -> Iterator[Route]:
    for method, binding, verb in _methods():
        path = getattr(binding, verb)
        fields = [method.input_type.fields_by_name[name] for name in _VARIABLE.findall(path)]
        yield Route(
            method=verb.upper(),
            path=re.compile(_VARIABLE.sub("[^/]+", path)),
            variables=frozenset(name for field in fields for name in (field.name, field.json_name)),
            takes_body=bool(binding.body),
            message=method.input_type,
        )


SERVICES = tuple(service.full_name for file in FILES for service in file.DESCRIPTOR.services_by_name.values())
ROUTES = tuple(_routes())
# Routes that change something.
BODIES = tuple(route for route in ROUTES if route.method != "GET")
# RPCs that change something.
CHANGES = frozenset(method.name for method, _, verb in _methods() if verb != "get")
