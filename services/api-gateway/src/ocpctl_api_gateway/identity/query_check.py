"""Checks queries strictly: Envoy would let a query override the resource of the path, or a field of the body."""

from collections import Counter
from urllib.parse import unquote_plus

from ocpctl_common.errors import FieldProblem, InvalidRequest, NotFound

from ocpctl_api_gateway.contract import ROUTES, Route
from ocpctl_api_gateway.identity.body_check import GRPC_PATHS, MAX_PROBLEMS

_MAX_SHOWN = 128


def check_query(method: str, target: str) -> None:
    """Refuses any query on a route that takes a body, and one that names a variable of the path, or a field twice.

    Raises InvalidRequest, NotFound.
    """
    path, _, query = target.partition("?")
    if not query or path.startswith(GRPC_PATHS):
        return
    route = next((route for route in ROUTES if route.method == method and route.path.fullmatch(path)), None)
    if route is None:  # the transcoder accepts more spellings of a path than we know
        raise NotFound("nothing at this path takes a query")
    refused = _names(query) if route.takes_body else _names(query) & route.variables
    problems = [_problem(route, name) for name in sorted(refused)] or [_twice(name) for name in _repeated(route, query)]
    if problems := problems[:MAX_PROBLEMS]:
        raise InvalidRequest("; ".join(f"{p.field}: {p.description}" for p in problems), problems=problems)


def _names(query: str) -> set[str]:
    """The names in a query, both encoded and decoded; `a.b` is a field of `a`."""
    names = [part.partition("=")[0] for part in query.split("&")]
    return {spelt.partition(".")[0] for name in names for spelt in (name, unquote_plus(name))}


def _repeated(route: Route, query: str) -> list[str]:
    """Fields with one value that the query names twice, in any spelling: the transcoder would take the last."""
    fields = {spelt: field for field in route.message.fields for spelt in (field.name, field.json_name)}
    asked = [fields.get(unquote_plus(part.partition("=")[0])) for part in query.split("&")]
    counted = Counter(field.json_name for field in asked if field and not field.is_repeated)
    return sorted(name for name, number in counted.items() if number > 1)


def _twice(name: str) -> FieldProblem:
    return FieldProblem(field=name, description="may be given once", reason="QUERY_NOT_ALLOWED")


def _problem(route: Route, name: str) -> FieldProblem:
    rule = "stands in the path already" if name in route.variables else "goes into the JSON body, if it is a field"
    whole = f"{rule}; this route takes no query" if route.takes_body else rule
    return FieldProblem(field=name[:_MAX_SHOWN], description=whole, reason="QUERY_NOT_ALLOWED")
