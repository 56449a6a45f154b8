"""YAML as the installer reads it: sigs.k8s.io/yaml on a fork of go-yaml 2, which knows YAML 1.1 and Go's own numbers.

What is not quoted is a bool, a number or a time wherever it looks like one; a field that wants a text then gets that
value's own text. Differs from the real one: aliases, merges and binary values are not looked at, nobody writes them.
"""

import re
from datetime import datetime
from typing import Any

import yaml

_PLAIN = "tag:ocpctl.local,2026:plain"
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_BASES = ((re.compile(r"[-+]?0[xX][0-9a-fA-F]+"), 16), (re.compile(r"[-+]?0[bB][01]+"), 2))
_OCTAL = re.compile(r"(?P<sign>[-+]?)0[oO]?(?P<digits>[0-7]+)")
_TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].+)?")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - of the library

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """Keys are texts, and none comes twice."""
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = text(self.construct_object(key_node, deep=True))
            if key in found:
                raise ValueError(f'key "{key}" already set in map')
            found[key] = self.construct_object(value_node, deep=True)
        return found


_Loader.add_implicit_resolver(_PLAIN, re.compile(""), None)
_Loader.add_constructor(_PLAIN, lambda loader, node: plain(node.value))


def load(document: str) -> Any:
    """The values. Raises yaml.YAMLError, ValueError."""
    return yaml.load(document, Loader=_Loader)  # noqa: S506 - it is a SafeLoader


def plain(value: str) -> Any:
    """What a scalar without quotes is."""
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    if (number := _number(value.replace("_", ""))) is not None:
        return number
    if _TIME.fullmatch(value):
        return _time(value)
    return value


def _number(digits: str) -> int | float | None:
    if _DECIMAL.fullmatch(digits):
        return int(digits)
    if octal := _OCTAL.fullmatch(digits):
        return int(octal["sign"] + octal["digits"], 8)
    for pattern, base in _BASES:
        if pattern.fullmatch(digits):
            return int(digits, base)
    return float(digits) if _FLOAT.fullmatch(digits) else None  # 08 is no octal, so it is a float


def _time(value: str) -> str:
    """As Go prints it in JSON."""
    try:
        return f"{datetime.fromisoformat(value).isoformat()}Z"
    except ValueError:
        return value


def text(value: Any) -> str:
    """What a field that wants a text gets of another value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:  # noqa: PLR2004 - Go's limit for %g
        return str(int(value))
    return "" if value is None else str(value)
