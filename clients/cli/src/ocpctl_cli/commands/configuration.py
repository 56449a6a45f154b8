"""The command line's own matters: contexts, completion, and what is wrong with it here."""

import click

from ocpctl_cli import asking, contexts
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object
from ocpctl_cli.output import Column, say, show
from ocpctl_cli.settings import Group, Settings, command, pass_settings

SHELLS = ("bash", "zsh", "fish")


@click.group("config", cls=Group)
def config() -> None:
    """Servers under names, and what requests need not repeat."""


@config.command("list")
@pass_settings
def list_contexts(settings: Settings) -> None:
    """The servers that are known."""
    known = contexts.all_of_them()
    rows = [
        Object({"name": name, "current": name == known.get("current"), **one})
        for name, one in known.get("contexts", {}).items()
    ]
    columns = (
        Column(title="", value=lambda row: "*" if row["current"] else ""),
        Column(title="NAME", value=lambda row: str(row["name"])),
        Column(title="URL", value=lambda row: str(row.get("url", ""))),
        Column(
            title="DEFAULTS",
            value=lambda row: ", ".join(f"{key}={value}" for key, value in row.get("defaults", {}).items()),
        ),
    )
    show(settings.form, known, rows, columns, name="name")


@config.command("use")
@click.argument("name")
def use(name: str) -> None:
    """Make a server the one that is meant."""
    contexts.use(name)
    say(f"{name} is the current context.")


@config.command("set")
@click.argument("word", metavar="FIELD=VALUE")
@pass_settings
def set_default(settings: Settings, word: str) -> None:
    """A field of every create, as team=payments; FIELD= takes it away."""
    name, equals, value = word.partition("=")
    if not equals or name not in asking.DEFAULTS:
        raise Failure(Exit.USAGE, f"{word}: write it as FIELD=VALUE", f"Fields: {', '.join(asking.DEFAULTS)}")
    contexts.set_default(settings.context.name, name, value or None)
    say(f"{settings.context.name}: {name} is {value or 'not set'}.")


@command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """A script for your shell: eval "$(ocpctl completion bash)"."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    found = get_completion_class(shell)
    if found is None:
        raise Failure(Exit.USAGE, f"{shell} is not known")
    click.echo(found(ctx.find_root().command, {}, "ocpctl", "_OCPCTL_COMPLETE").source())


COMMANDS: dict[str, click.Command] = {"config": config, "completion": completion}
