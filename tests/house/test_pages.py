"""Whatever lists reads all pages: a call of AWS that has pages is made with a paginator, or says here why not."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from ocpctl_local.settings import ROOT

SERVICES = (
    "cloudformation",
    "cloudfront",
    "ec2",
    "efs",
    "elb",
    "elbv2",
    "iam",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
)
FOLDERS = ("services", "libs/common/src/ocpctl_common", "deploy/local/src", "clients/python")
# What may be called at once: (file, what is called) and why that loses nothing.
ONE_PAGE = {
    ("ocpctl_local/moto/template.py", "describe_stacks"): "one stack by its name",
    (
        "ocpctl_local/moto/inventory.py",
        "describe_tags",
    ): "of load balancers, twenty by name; EC2's call of this name has pages",
    ("simulator/ccoctl/deletion.py", "list_objects"): "the real ccoctl deletes the objects of the first page only",
    ("simulator/ccoctl/deletion.py", "list_roles"): "as an older ccoctl does, where a knob says so",
}
# Where the name of the call is a value: (file, function) and why that loses nothing.
BY_VALUE = {
    ("simulator/deletion.py", "_ec2"): "deletes one thing",
    ("simulator/deletion.py", "one"): "deletes one thing",
    ("simulator/ccoctl/call.py", "do"): "makes, changes or deletes one thing",
    ("aws/resources/clients.py", "do_if_found"): "gets, changes or deletes one thing",
    ("simulator/vpc.py", "_remove"): "deletes one thing",
}


@cache
def with_pages() -> frozenset[str]:
    """The calls that have pages, as methods of a client."""
    loader = botocore.session.get_session().get_component("data_loader")
    found: set[str] = set()
    for service in SERVICES:
        try:
            found |= {xform_name(name) for name in loader.load_service_model(service, "paginators-1")["pagination"]}
        except UnknownServiceError:
            continue
    return frozenset(found)


def sources() -> list[Path]:
    """All Python of the product and the local stack."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "tests" not in path.parts)


def functions(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every function with its name, and the module itself."""
    yield "", tree
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def calls(node: ast.AST) -> Iterator[ast.Call]:
    yield from (one for one in ast.walk(node) if isinstance(one, ast.Call))


def one_page_calls(tree: ast.AST) -> set[str]:
    """Names of calls that have pages and are made for one of them."""
    return {
        call.func.attr
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in with_pages()
    }


def calls_by_value(tree: ast.AST) -> set[str]:
    """Functions that call a method whose name is a value and do not ask whether it has pages."""
    found = set()
    for name, node in functions(tree):
        if not name or "can_paginate" in ast.unparse(node):
            continue
        for call in calls(node):
            inner = call.func
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "getattr":
                found.add(name)
    return found


def fits(path: Path, allowed: dict[tuple[str, str], str]) -> set[str]:
    return {what for file, what in allowed if path.as_posix().endswith(file)}


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_all_pages_are_read(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert one_page_calls(tree) - fits(path, ONE_PAGE) == set()
    assert _on_clients(path, calls_by_value(tree)) - fits(path, BY_VALUE) == set()


def _on_clients(path: Path, names: set[str]) -> set[str]:
    """Only where a client of AWS can be."""
    return names if any(word in path.read_text() for word in ("boto", "cloud", "client(")) else set()


def test_what_is_allowed_is_still_there() -> None:
    trees = {path: ast.parse(path.read_text()) for path in sources()}
    for allowed, find in ((ONE_PAGE, one_page_calls), (BY_VALUE, calls_by_value)):
        for file, what in allowed:
            assert any(what in find(tree) for path, tree in trees.items() if path.as_posix().endswith(file)), file


def test_a_call_for_one_page_is_found() -> None:
    """The control."""
    assert one_page_calls(ast.parse("client.describe_load_balancers()['LoadBalancers']")) == {"describe_load_balancers"}
    assert calls_by_value(ast.parse("def f(c, o):\n    return getattr(c, o)()")) == {"f"}
    assert calls_by_value(ast.parse("def f(c, o):\n    return getattr(c, o)() if c.can_paginate(o) else 0")) == set()
