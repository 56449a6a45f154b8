"""The flips of a file: its operators turned round, its numbers moved by one, its conditions negated, one at a time."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

# What each operator becomes: its neighbour at the boundary, and its opposite.
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.BitOr: ast.BitAnd,
}
CALLED = {"max": "min", "min": "max", "any": "all", "all": "any"}
TYPES = ("annotation", "returns", "decorator_list", "bases", "keywords")  # of these only what is about types
REPEATED = re.compile(r"(?<=[{,])\d+(?=[,}])")  # how often, in a regular expression

Change = tuple[ast.AST, str, Any]


@dataclass(frozen=True, slots=True)
class Flip:
    """A file with one flip: the function that it is in, its line, the statement as it becomes, the code to import."""

    where: str
    line: int
    becomes: str
    code: CodeType


def flips_of(path: Path, functions: Collection[str] = ()) -> Iterator[Flip]:
    """All flips of a file, or of some of its functions."""
    tree = ast.parse(path.read_text())
    for where, statement, node in list(_nodes(tree)):
        if functions and where.split(".")[-1] not in functions:
            continue
        for changed, field, value in _changes(node):
            before = getattr(changed, field)
            setattr(changed, field, value)
            code = compile(ast.fix_missing_locations(tree), str(path), "exec")
            yield Flip(where, getattr(node, "lineno", statement.lineno), ast.unparse(statement).splitlines()[0], code)
            setattr(changed, field, before)


def _nodes(tree: ast.AST, where: str = "", statement: Any = None) -> Iterator[tuple[str, Any, ast.AST]]:
    """Every node that is no type and no docstring, with the name and the statement that it is in."""
    for field, value in ast.iter_fields(tree):
        if field in TYPES and not isinstance(tree, ast.Call):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or _is_docstring(node):
                continue
            inside = f"{where}.{node.name}".lstrip(".") if hasattr(node, "name") and hasattr(node, "body") else where
            within = node if isinstance(node, ast.stmt) else statement
            yield inside, within, node
            yield from _nodes(node, inside, within)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[Change]:
    yield from _of_operators(node)
    yield from _of_conditions(node)
    if isinstance(node, ast.Constant):
        yield from ((node, "value", new) for new in _neighbours(node.value))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLED:
        yield node, "func", ast.Name(CALLED[node.func.id], ast.Load())


def _of_operators(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                yield from ((node, "ops", [*ops[:at], new(), *ops[at + 1 :]]) for new in COMPARED[type(op)])
        case ast.BinOp(op=op) if type(op) in COMPUTED:
            yield node, "op", COMPUTED[type(op)]()
        case ast.BoolOp(op=op):
            yield node, "op", ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield node, "operand", _not(operand)
        case ast.UnaryOp(op=ast.USub()):
            yield node, "op", ast.UAdd()


def _of_conditions(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.If | ast.IfExp | ast.While) and _is_bare(node.test):
        yield node, "test", _not(node.test)
    if isinstance(node, ast.comprehension):
        for at, test in enumerate(node.ifs):
            if _is_bare(test):
                yield node, "ifs", [*node.ifs[:at], _not(test), *node.ifs[at + 1 :]]


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _is_bare(test: ast.expr) -> bool:
    """It has no operator of its own that would be flipped."""
    return not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp)


def _neighbours(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value - 1, value + 1)
    elif isinstance(value, str):
        for found in REPEATED.finditer(value):
            for new in (int(found[0]) - 1, int(found[0]) + 1):
                if new >= 0:
                    yield f"{value[: found.start()]}{new}{value[found.end() :]}"
