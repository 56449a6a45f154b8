"""What every command may be told, before or after its name: which server, and the form of its output."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from ocpctl_cli.contexts import URL, Context, chosen, from_environment
from ocpctl_cli.output import FORMS, say

if TYPE_CHECKING:
    from ocpctl_cli.api import Api


@dataclass(kw_only=True)
class Settings:
    """Of one call of `ocpctl`."""

    context_name: str | None = None
    url: str | None = None
    form: str = "table"
    debug: bool = False

    @cached_property
    def context(self) -> Context:
        """Raises Failure."""
        return chosen(self.context_name, self.url or from_environment())

    @cached_property
    def api(self) -> "Api":
        """Raises Failure."""
        from ocpctl_cli.api import Api  # noqa: PLC0415 - `--version` and completion need no HTTP

        return Api(context=self.context, say=say, debug=self.debug)


pass_settings = click.make_pass_decorator(Settings, ensure=True)


def segment(word: str) -> str:
    """Of a path: what somebody has typed is one part of it, whatever it holds."""
    return quote(word, safe="")


def _check(word: Any, param: click.Parameter, ctx: click.Context) -> None:
    if word == Path():  # as click has an empty name of a file
        word = ""
    if not isinstance(word, str) or isinstance(param.type, click.types.UnprocessedParamType):
        return
    if not word.strip():
        raise click.BadParameter("it is empty; is a variable not set?", ctx, param)
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise click.BadParameter("it is no UTF-8", ctx, param) from error


def _keeper(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    """What is said after the command's name wins."""

    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value is not None:
            _check(value, param, ctx)
            setattr(ctx.ensure_object(Settings), name, value)

    return keep


def common_options() -> list[click.Option]:
    """Of the program and of each of its commands."""
    places = {"expose_value": False, "is_eager": True}
    return [
        click.Option(
            ["-o", "--output"],
            type=click.Choice(FORMS),
            callback=_keeper("form"),
            help="Form of what is printed (table).",
            **places,
        ),
        click.Option(
            ["--context"],
            metavar="NAME",
            callback=_keeper("context_name"),
            help="The server under this name.",
            **places,
        ),
        click.Option(["--url"], metavar="URL", callback=_keeper("url"), help=f"The server (or {URL}).", **places),
        click.Option(
            ["--debug"],
            is_flag=True,
            default=None,
            callback=_keeper("debug"),
            help="Show each call; no secrets.",
            **places,
        ),
    ]


class Command(click.Command):
    """A command with the options that all have."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self.params += common_options()

    def invoke(self, ctx: click.Context) -> Any:
        """An empty word is a variable that is not set: as no word it would mean all there is."""
        for param in self.params:
            given = ctx.params.get(str(param.name))
            for word in given if isinstance(given, tuple) else (given,):
                _check(word, param, ctx)
        return super().invoke(ctx)


def command(name: str, **named: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Makes a function the command `name`; its docstring is the help."""
    return click.command(name, cls=Command, **named)


class Group(click.Group):
    """A command that has commands."""

    command_class = Command
