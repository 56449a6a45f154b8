"""Answers as docs/openapi.json describes them, and each with one value of another type somewhere."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from ocpctl_local.settings import ROOT

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
WRONG: Sequence[Any] = (None, -1.5, "x", [7], {"x": 7})
TIME = "2026-01-01T00:00:00Z"
Place = tuple[str | int, ...]


def of(method: str, path: str) -> dict[str, Any]:
    """A full answer of a route, its path as somebody calls it."""
    for template, operations in DOCUMENT["paths"].items():
        if method.lower() in operations and re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", template), path):
            return _answer(operations[method.lower()]["responses"])
    raise LookupError(f"the contract has no {method} {path}")


def _answer(responses: Mapping[str, Any]) -> dict[str, Any]:
    """Of the first success that has a body; a page is the last one."""
    content = next(one["content"] for code, one in responses.items() if code.startswith("2"))
    schemas = [one["schema"] for kind, one in content.items() if kind in ("application/json", "application/x-ndjson")]
    found = _sample(schemas[0]) if schemas else {}
    return {key: value for key, value in found.items() if key != "nextPageToken"}


def _sample(schema: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _sample(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "enum" in schema:
        return schema["enum"][0]
    kind = str(schema.get("type"))
    if kind == "array":
        return [_sample(schema["items"])]
    if kind == "object":
        known = {name: _sample(one) for name, one in schema.get("properties", {}).items()}
        return known or {"key": _sample(schema.get("additionalProperties") or {})}
    simple = {"integer": 3, "number": 3, "boolean": True}
    return simple.get(kind, {"date-time": TIME, "int64": "5", "uint64": "5"}.get(schema.get("format", ""), "word"))


def places(found: Any, above: Place = ()) -> Iterator[Place]:
    """Of each value below the top."""
    if above:
        yield above
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in inner:
        yield from places(value, (*above, key))


def with_other(found: Any, place: Place, value: Any) -> Any:
    """A copy that has this value there."""
    made = deepcopy(found)
    _last(made, place)[place[-1]] = value
    return made


def _last(found: Any, place: Sequence[str | int]) -> Any:
    for key in place[:-1]:
        found = found[key]
    return found
