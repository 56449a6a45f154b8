"""Checks JSON bodies strictly: Envoy drops unknown keys silently, so `profle` would become a default cluster.

The proto descriptors say what is allowed.
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from ocpctl_common.errors import FieldProblem, InvalidRequest, NotFound

from ocpctl_api_gateway.contract import BODIES, Route

_INTEGERS = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64}
INT32_LIMIT = 2**31
GRPC_PATHS = "/ocpctl."
MAX_LEVELS = 16  # of nested arrays and objects; the contract needs two
MAX_DIGITS = 20
MAX_PROBLEMS = 20  # nobody reads more


def check_body(path: str, raw: bytes) -> None:
    """Refuses a body that breaks the contract of its route. Raises InvalidRequest, NotFound."""
    if path.startswith(GRPC_PATHS) or not raw:
        return  # a gRPC message is not JSON; an empty body is an empty message
    route = next((route for route in BODIES if route.path.fullmatch(path)), None)
    if route is None:  # the transcoder accepts more spellings of a path than we know, such as a trailing slash
        raise NotFound("nothing at this path takes a body")
    read_body(route, raw)


def read_body(route: Route, raw: bytes) -> dict[str, Any]:
    """The fields of a body by their names in JSON; null ones are not set. Raises InvalidRequest."""
    value = _parse(raw)
    problems = list(islice(check_object(value, route), MAX_PROBLEMS))
    if problems:
        details = (f"{p.field}: {p.description}" if p.field else p.description for p in problems)
        raise InvalidRequest("; ".join(details), problems=problems)
    return {key: item for key, item in value.items() if item is not None}


def _parse(raw: bytes) -> Any:
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_whole_number
        )
        _check_depth(value)
        _check_characters(value)
    except RecursionError as error:
        sentence = f"the body is nested more than {MAX_LEVELS} levels deep"
        raise InvalidRequest(sentence, reason="NESTED_TOO_DEEPLY") from error
    except ValueError as error:
        raise InvalidRequest(f"the body is not valid JSON: {error}", reason="MALFORMED_JSON") from error
    return value


def _check_depth(value: Any) -> None:
    """Raises RecursionError, as the parser does for a value that is nested even deeper."""
    level = [value]
    for _ in range(MAX_LEVELS):
        containers = [item for item in level if isinstance(item, (dict, list))]
        level = [item for box in containers for item in (box.values() if isinstance(box, dict) else box)]
    if any(isinstance(item, (dict, list)) for item in level):
        raise RecursionError


def _check_characters(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ValueError("half a surrogate pair is no character") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        doubles = sorted(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"duplicate keys {', '.join(doubles[:MAX_PROBLEMS])}")
    return found


def _whole_number(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def check_object(value: Any, route: Route) -> Iterator[FieldProblem]:
    """All problems of a body. A variable of the path is not allowed in it."""
    if not isinstance(value, dict):
        yield FieldProblem(field="", description="the body must be a JSON object", reason="NOT_AN_OBJECT")
        return
    fields = {field.json_name: field for field in route.message.fields if field.name not in route.variables}
    for key, item in value.items():
        if item is None and key in fields:
            continue  # null means "not set", as in the JSON of protocol buffers
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
    """What the item must be; "" when it is correct."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        right = isinstance(item, dict) and all(isinstance(value, str) for value in item.values())
        return "" if right else "an object whose values are strings"
    if field.type == FieldDescriptor.TYPE_BOOL:
        return "" if isinstance(item, bool) else "true or false"
    if field.type in _INTEGERS:
        right = isinstance(item, int) and not isinstance(item, bool) and -INT32_LIMIT <= item < INT32_LIMIT
        return "" if right else "a whole number"
    return "" if isinstance(item, str) else "a string"
