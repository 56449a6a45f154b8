"""The document: every route of every public service."""

import json
import re
from collections.abc import Iterator
from typing import Any

from google.api.annotations_pb2 import http
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from ocpctl_api_gateway.rbac import WITHOUT_SESSION

from tools.openapi.comments import comments
from tools.openapi.errors import COMPONENTS, answers
from tools.openapi.schemas import Schema, Schemas

PACKAGE = "ocpctl.v1"
HTTP_BODY = "google.api.HttpBody"
BODIES = {"GetUsageCsv": "text/csv", "GetKubeconfigFile": "application/yaml"}
VARIABLE = re.compile(r"{(\w+)}")
KEY_HEADER = {"$ref": "#/components/parameters/IdempotencyKey"}
WITHOUT_KEY = {"ExtendSession"}  # asked again it does the same again
SECURITY = {"session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def render(descriptors: bytes) -> str:
    """OpenAPI of a descriptor set that was made with its source info and imports."""
    files = FileDescriptorSet.FromString(descriptors).file
    pool = DescriptorPool()
    for file in files:
        pool.Add(file)
    own = [file for file in files if file.package == PACKAGE]
    schemas = Schemas({name: text for file in own for name, text in comments(file).items()})
    services = [pool.FindServiceByName(f"{PACKAGE}.{service.name}") for file in own for service in file.service]
    paths: dict[str, Any] = {}
    for service in services:
        for path, verb, operation in _operations(service, schemas):
            paths.setdefault(path, {})[verb] = operation
    return json.dumps(_document(services, paths, schemas), indent=2, ensure_ascii=False) + "\n"


def _document(services: list[ServiceDescriptor], paths: dict[str, Any], schemas: Schemas) -> Schema:
    tags = [{"name": service.name, **schemas.comment(service.full_name)} for service in services]
    components = {**COMPONENTS, "schemas": COMPONENTS["schemas"] | dict(sorted(schemas.components.items()))}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ocpctl",
            "version": "v1",
            "description": "The control plane for throw-away OpenShift clusters.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}],
        "tags": sorted(tags, key=lambda tag: str(tag["name"])),
        "paths": dict(sorted(paths.items())),
        "components": {**components, "securitySchemes": SECURITY},
    }


def _operations(service: ServiceDescriptor, schemas: Schemas) -> Iterator[tuple[str, str, Schema]]:
    for method in service.methods:
        rule = method.GetOptions().Extensions[http]
        for number, binding in enumerate((rule, *rule.additional_bindings)):
            verb = str(binding.WhichOneof("pattern"))
            name = method.name if number == 0 else f"{method.name}{verb.capitalize()}"
            yield (
                _path(method, getattr(binding, verb)),
                verb,
                {"operationId": name, **_operation(method, binding, verb, schemas)},
            )


def _path(method: MethodDescriptor, template: str) -> str:
    """Its variables under their JSON names."""
    fields = method.input_type.fields_by_name
    return VARIABLE.sub(lambda found: f"{{{fields[found[1]].json_name}}}", template)


def _operation(method: MethodDescriptor, binding: HttpRule, verb: str, schemas: Schemas) -> Schema:
    in_path = frozenset(VARIABLE.findall(getattr(binding, verb)))
    parameters = [
        _parameter(field, schemas, in_path)
        for field in method.input_type.fields
        if field.name in in_path or not binding.body
    ]
    changes, open_to_all = verb != "get", method.name in WITHOUT_SESSION
    body = _body(method, binding, in_path, schemas)
    return {
        "tags": [method.containing_service.name],
        **schemas.comment(method.full_name),
        **({"security": []} if open_to_all else {}),
        "parameters": ([KEY_HEADER] if changes and not open_to_all and method.name not in WITHOUT_KEY else [])
        + parameters,
        **body,
        "responses": answers(method.name, _content(method, schemas), changes=changes, names=bool(in_path)),
    }


def _content(method: MethodDescriptor, schemas: Schemas) -> Schema:
    """A stream is one object a line, which OpenAPI 3.1 has no word for; HttpBody is what BODIES says."""
    if method.output_type.full_name == HTTP_BODY:
        return {BODIES[method.name]: {"schema": {"type": "string"}}}
    kind = "application/x-ndjson" if method.server_streaming else "application/json"
    return {kind: {"schema": schemas.message(method.output_type)}}


def _parameter(field: FieldDescriptor, schemas: Schemas, in_path: frozenset[str]) -> Schema:
    schema = schemas.field(field)
    comment = schema.pop("description", "")
    place = "path" if field.name in in_path else "query"
    required = {"required": True} if place == "path" else {}
    return {"name": field.json_name, "in": place, "description": comment, **required, "schema": schema}


def _body(method: MethodDescriptor, binding: HttpRule, in_path: frozenset[str], schemas: Schemas) -> Schema:
    """A body may hold what the path does not; one without properties may be left out."""
    if not binding.body:
        return {}
    schema = schemas.object(method.input_type, without=in_path) | {"additionalProperties": False}
    required = bool(schema.get("required"))
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}
