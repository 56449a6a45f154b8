"""Where a program and its documents name things: what `test_glossary.py` holds to the glossary.

Sentences are not names: only those strings are read that have the shape of a name, or a place that makes them one.
"""

import ast
import re
from collections.abc import Iterator

VALUE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|[a-z][a-z0-9]*([_-][a-z0-9]+)+")
LEVELS = {"debug", "info", "warning", "error", "exception"}
BINDERS = {"bind", "bound_contextvars", "labels"}
METRICS = {"Counter", "Gauge", "Histogram"}


def names(tree: ast.AST) -> Iterator[str]:
    """What a module defines: functions, classes, arguments, variables, fields, aliases of imports."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name


def values(tree: ast.AST) -> Iterator[str]:
    """The words of closed sets: strings in the shape of a name, and all values of an enumeration."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VALUE.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Enum") for base in node.bases):
            for line in node.body:
                if isinstance(line, ast.Assign):
                    yield from _strings(line.value)


def log_words(tree: ast.AST) -> Iterator[str]:
    """What a module logs, parts of f-strings too, and the keys beside it, also those that a dictionary passes on."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    logged = [call for call in calls if _called(call) in LEVELS]
    variables = {arg.id for call in logged for arg in call.args if isinstance(arg, ast.Name)}
    for call in logged:
        for arg in call.args:
            yield from _strings(arg)
    for call in calls:
        if _called(call) in LEVELS | BINDERS | {"dict"}:
            yield from (keyword.arg for keyword in call.keywords if keyword.arg)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id in variables for to in node.targets):
            yield from _strings(node.value)
        elif isinstance(node, ast.Dict):
            yield from (text for key in node.keys if key for text in _strings(key) if text.isidentifier())


def metric_words(tree: ast.AST) -> Iterator[str]:
    """Names and labels of the metrics that a module defines, and values of labels that it sets."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if _called(node) in METRICS and node.args and isinstance(node.args[0], ast.Constant):
            named = [word.value for word in node.keywords if word.arg == "labelnames"]
            yield from (text for part in (node.args[0], *node.args[2:], *named) for text in _strings(part))
        elif _called(node) == "labels":
            yield from (
                text for part in (*node.args, *(word.value for word in node.keywords)) for text in _strings(part)
            )


def sql_names(tree: ast.AST) -> Iterator[str]:
    """The names in a migration's statements, without their comments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", re.sub(r"--.*", "", node.value))


def quoted_words(document: str) -> Iterator[str]:
    """What a document quotes as code: commands, names, log events. Not what it shows in a block."""
    for span in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", document, flags=re.DOTALL)):
        yield span
        yield from re.findall(r"\w+", span)


def quoted_events(document: str) -> Iterator[str]:
    """What a document says to be in a log, without the keys."""
    for event in re.findall(r"\blogs?\b[^`.\n]{0,40}`([a-z][^`\n]* [^`\n]*)`", document):
        yield event.partition(" …")[0]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _strings(part: ast.AST) -> Iterator[str]:
    for node in ast.walk(part):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
