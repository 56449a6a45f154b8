"""YAML that means the same to every reader. Imported late: it needs yaml."""

import re
from typing import Any

import yaml

# What YAML 1.1 or 1.2 takes for a number or a truth, and PyYAML would leave without quotes.
_TAKEN_FOR_ANOTHER = re.compile(r"[-+.0-9].*|[yYnN]", re.DOTALL)


def dumped(found: Any) -> str:
    """A string is a string to readers of YAML 1.1 and 1.2."""
    return str(yaml.dump(found, Dumper=_Dumper, sort_keys=False, allow_unicode=True))


class _Dumper(yaml.SafeDumper):
    """With quotes where one reader or another needs them."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if _TAKEN_FOR_ANOTHER.fullmatch(text) and "\n" not in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_multi_representer(dict, yaml.SafeDumper.represent_dict)  # objects of the server, too
