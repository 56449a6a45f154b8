"""The operation of AWS that a request asks for, by the name that botocore's descriptions have for it.

Where a parameter needs a permission of its own it stands behind the name: `CreateRole+Tags`, `DeleteObject+VersionId`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from botocore.loaders import Loader

from ocpctl_local.moto import requests
from ocpctl_local.moto.requests import Environ

# Services whose requests name no operation: method and address tell it. By the word of the signature's scope.
BY_ADDRESS = {"s3": "s3", "route53": "route53", "cloudfront": "cloudfront", "elasticfilesystem": "efs"}
ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
TAGS = re.compile(rb"(?:^|&)(?:Tags\.|TagSpecification\.)")
OTHER_HOSTS = {"ListDirectoryBuckets"}  # told from another only by the host, which is one here
PLACES = ("querystring", "header")
VARIABLE = re.compile(r"{(\w+)(\+?)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The address of an operation, and what its query and its headers must have."""

    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]

    def fits(self, environ: Environ, path: str, words: frozenset[str]) -> bool:
        """Whether this request may be for it."""
        asked = self.method == environ["REQUEST_METHOD"] and self.query <= words and self.headers <= environ.keys()
        return asked and self.path.fullmatch(path) is not None


def asked_for(environ: Environ) -> str:
    """Empty: no operation is known for it."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    service = requests.service(environ)
    if service in BY_ADDRESS:
        return _by_address(environ, BY_ADDRESS[service])
    content = requests.body(environ)
    action = ACTION.search(content)
    return (action[1].decode() if action else "") + ("+Tags" if TAGS.search(content) else "")


def _by_address(environ: Environ, model: str) -> str:
    words = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    have = frozenset({*words, *(f"{name}={values[0]}" for name, values in words.items())})
    path = environ["PATH_INFO"].rstrip("/") or "/"
    found = next((route for route in _routes(model) if route.fits(environ, path, have)), None)
    return "".join([found.name, *_extras(environ, words)]) if found else ""


def _extras(environ: Environ, words: dict[str, list[str]]) -> Iterator[str]:
    if "versionId" in words:
        yield "+VersionId"
    if "HTTP_X_AMZ_TAGGING" in environ:
        yield "+Tagging"


@cache
def _routes(model: str) -> Sequence[Route]:
    """Those that ask most of a request first."""
    described = Loader().load_service_model(model, "service-2")
    routes = [
        _route(name, each, described["shapes"])
        for name, each in described["operations"].items()
        if name not in OTHER_HOSTS
    ]
    return sorted(routes, key=lambda one: (-len(one.query | one.headers), -len(one.path.pattern)))


def _route(name: str, described: dict[str, Any], shapes: dict[str, Any]) -> Route:
    path, _, query = described["http"]["requestUri"].partition("?")
    shape = shapes[described["input"]["shape"]] if "input" in described else {}
    needed = [shape["members"][member] for member in shape.get("required", [])]
    names = {place: {one["locationName"] for one in needed if one.get("location") == place} for place in PLACES}
    return Route(
        name=name,
        method=described["http"]["method"],
        path=re.compile(_pattern(path.rstrip("/") or "/")),
        query=frozenset(names["querystring"].union(word for word in query.split("&") if word)),
        headers=frozenset("HTTP_" + word.upper().replace("-", "_") for word in names["header"]),
    )


def _pattern(path: str) -> str:
    """`{Key+}` stands for many parts of an address, every other variable for one."""
    pattern, end = "", 0
    for found in VARIABLE.finditer(path):
        pattern += re.escape(path[end : found.start()]) + (".+" if found[2] else "[^/]+")
        end = found.end()
    return pattern + re.escape(path[end:])
