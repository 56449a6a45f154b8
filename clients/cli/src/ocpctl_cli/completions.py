"""Names that a shell completes: of clusters and profiles, from a cache that is at most half a minute old."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ocpctl_cli import contexts, files
from ocpctl_cli.clusters import LIVING
from ocpctl_cli.failures import Failure

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

FRESH_SECONDS = 30.0
PATIENCE_SECONDS = 0.0  # who types does not wait for a server that is away

Names = Callable[["Api"], list[str]]


def clusters(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Those that live."""

    def living(api: "Api") -> list[str]:
        return [one["name"] for one in api.get("/clusters", status=LIVING).objects("clusters")]

    return _completed("clusters", incomplete, living)


def profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Those that are enabled."""

    def enabled(api: "Api") -> list[str]:
        return [one["name"] for one in api.get("/profiles").objects("profiles") if one.get("enabled")]

    return _completed("profiles", incomplete, enabled)


def _completed(kind: str, incomplete: str, ask: Names) -> list[str]:
    """Whatever goes wrong, a shell that completes says nothing of it."""
    try:
        return [name for name in _names(kind, ask) if name.startswith(incomplete)]
    except (Failure, KeyError, TypeError):
        return []


def _names(kind: str, ask: Names) -> list[str]:
    context = contexts.chosen(None, contexts.from_environment())
    place = f"{kind} {context.url}"
    known = files.read(_file()).get(place, {})
    if known.get("until", 0.0) > time.time():
        return list(known["names"])
    from ocpctl_cli.api import Api  # noqa: PLC0415 - not while the cache is fresh

    names = ask(Api(context=context, say=_nothing, patience=PATIENCE_SECONDS))
    with files.changed(_file()) as content:
        content[place] = {"names": names, "until": time.time() + FRESH_SECONDS}
    return names


def _file() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("ocpctl") / "completion.json"


def _nothing(_: str) -> None:
    """Nobody reads it."""


def cluster_argument(function: Any) -> Any:
    """The argument CLUSTER: a name or an id."""
    return click.argument("cluster", shell_complete=clusters)(function)
