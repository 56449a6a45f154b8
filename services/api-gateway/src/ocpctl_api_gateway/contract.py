"""The public contract, as its descriptors say it: routes with bodies, calls that change something."""

import re
from collections.abc import Iterator

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
_VARIABLE = re.compile(r"{\w+}")


def _methods() -> Iterator[tuple[MethodDescriptor, HttpRule, str]]:
    """Each RPC with each of its bindings and that one's verb."""
    for method in (m for file in FILES for s in file.DESCRIPTOR.services_by_name.values() for m in s.methods):
        rule = method.GetOptions().Extensions[http]
        for binding in (rule, *rule.additional_bindings):
            yield method, binding, str(binding.WhichOneof("pattern"))


def _bodies() -> Iterator[tuple[re.Pattern[str], Descriptor]]:
    for method, binding, verb in _methods():
        if verb != "get":
            yield re.compile(_VARIABLE.sub("[^/]+", getattr(binding, verb))), method.input_type


SERVICES = tuple(service.full_name for file in FILES for service in file.DESCRIPTOR.services_by_name.values())
# Path and message of every route that changes something.
BODIES = tuple(_bodies())
# RPCs that change something.
CHANGES = frozenset(method.name for method, _, verb in _methods() if verb != "get")
