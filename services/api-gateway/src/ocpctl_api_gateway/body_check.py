"""The strict reading of JSON bodies: Envoy drops unknown keys silently, so `profle` would become a default cluster.

What is allowed is read from the proto descriptors.
"""

import json
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from ocpctl_common.errors import FieldProblem, InvalidRequest

from ocpctl_api_gateway.contract import BODIES

_INTEGERS = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64}
INT32_LIMIT = 2**31


def check_body(path: str, raw: bytes) -> None:
    """Refuses a body that is not exactly what the contract says of its route. Raises InvalidRequest."""
    message = next((descriptor for pattern, descriptor in BODIES if pattern.fullmatch(path)), None)
    if message is None or not raw:
        return  # an unknown path is Envoy's 404; an empty body is an empty message
    problems = list(check_object(_parse(raw), message))
    if problems:
        raise InvalidRequest("; ".join(f"{p.field}: {p.description}" for p in problems), problems=problems)


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidRequest(f"the body is not valid JSON: {reason}", reason="MALFORMED_JSON") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if doubles := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"duplicate keys {', '.join(doubles)}")
    return dict(pairs)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def check_object(value: Any, message: Descriptor) -> Iterator[FieldProblem]:
    """Every problem of a JSON value that should be `message`."""
    if not isinstance(value, dict):
        yield FieldProblem(field="", description="the body must be a JSON object", reason="NOT_AN_OBJECT")
        return
    fields = {field.json_name: field for field in message.fields}
    for key, item in value.items():
        if key not in fields:
            allowed = f"allowed: {', '.join(fields)}" if fields else "no keys are allowed"
            description = f"is not a field of this request; {allowed}"
            yield FieldProblem(field=key[:128], description=description, reason="UNKNOWN_FIELD")
        else:
            yield from _check_field(key, item, fields[key])


def _check_field(key: str, item: Any, field: FieldDescriptor) -> Iterator[FieldProblem]:
    expected = _expectation(item, field)
    if expected:
        yield FieldProblem(field=key, description=f"must be {expected}", reason="WRONG_TYPE")


def _expectation(item: Any, field: FieldDescriptor) -> str:
    """What the item should have been, or "" when it is right."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        right = isinstance(item, dict) and all(isinstance(value, str) for value in item.values())
        return "" if right else "an object whose values are strings"
    if field.type == FieldDescriptor.TYPE_BOOL:
        return "" if isinstance(item, bool) else "true or false"
    if field.type in _INTEGERS:
        right = isinstance(item, int) and not isinstance(item, bool) and -INT32_LIMIT <= item < INT32_LIMIT
        return "" if right else "a whole number"
    return "" if isinstance(item, str) else "a string"
