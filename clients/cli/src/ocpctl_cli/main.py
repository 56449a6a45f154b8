"""The command line as a whole: options of every command, commands that are imported when they are asked for, ends."""

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ocpctl_cli.failures import Ended, Exit, Failure
from ocpctl_cli.output import say
from ocpctl_cli.settings import common_options

# Where each command is, and what `--help` says of it without importing it.
COMMANDS = {
    "login": ("session", "Sign in with AWS credentials."),
    "logout": ("session", "End the session."),
    "whoami": ("session", "Who you are, and what you may do."),
    "sessions": ("session", "Sessions that are open."),
    "profiles": ("profiles", "What may be asked for."),
    "create": ("create", "Ask for a cluster."),
    "list": ("clusters", "Clusters that you may see."),
    "get": ("clusters", "One cluster."),
    "wait": ("clusters", "Wait until a cluster is READY or DESTROYED."),
    "events": ("jobs", "What happened to a cluster."),
    "logs": ("jobs", "What the installer said."),
    "jobs": ("jobs", "What was and is done."),
    "run": ("run", "A cluster for as long as a command runs."),
    "kubeconfig": ("access", "The kubeconfig of a cluster."),
    "env": ("access", "Lines for a shell."),
    "exec": ("access", "Run a command with the cluster's KUBECONFIG."),
    "console": ("access", "The address of the web console."),
    "password": ("access", "The password of kubeadmin."),
    "extend": ("changes", "Let a cluster live longer."),
    "scale": ("changes", "Change the number of workers."),
    "cancel": ("changes", "End a create, and destroy what exists."),
    "destroy": ("changes", "Destroy a cluster."),
    "receipt": ("clusters", "What proves that a cluster is gone."),
    "usage": ("reports", "Hours and money of clusters."),
    "audit": ("reports", "Who did what."),
    "admin": ("admin", "What operators look at and change."),
    "config": ("configuration", "Servers under names, and defaults."),
    "doctor": ("doctor", "What is wrong between here and the server."),
    "completion": ("configuration", "A script for your shell."),
}


class Commands(click.Group):
    """Knows all names, and imports one module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a cluster's life."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """None: there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ocpctl_cli.commands.{COMMANDS[cmd_name][0]}")
        found: click.Command = module.COMMANDS[cmd_name]
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _program() -> Commands:
    """With the options that every command has, too."""
    made = Commands(
        "ocpctl",
        help="Throw-away OpenShift clusters: ask for one, use it, be sure that it is gone.",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        params=list[click.Parameter](common_options()),
    )
    return click.version_option(package_name="ocpctl-cli", prog_name="ocpctl")(made)


cli = _program()


def ended(words: Sequence[str] | None = None) -> int:
    """Runs a command; its exit code, one of `Exit` or of the command that it ran. No traceback is ever shown."""
    try:
        returned = cli.main(args=list(words) if words is not None else None, prog_name="ocpctl", standalone_mode=False)
    except BrokenPipeError:  # whoever read it has enough, as `head`
        return Exit.OK
    except (KeyboardInterrupt, Ended, Exception) as error:  # noqa: BLE001 - nothing is above this
        code, lines = _end_of(error)
        say("\n".join(lines))
        return code
    finally:
        _drop_what_cannot_be_printed()
    return returned if isinstance(returned, int) else Exit.OK


def _drop_what_cannot_be_printed() -> None:
    """Else Python tries once more at its end, and has its own exit code for that."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end_of(error: BaseException) -> tuple[int, list[str]]:
    """The exit code, and what is said."""
    match error:
        case Failure():
            return error.code, error.lines()
        case click.Abort() | KeyboardInterrupt():
            return Exit.INTERRUPTED, []
        case Ended():
            return 128 + error.number, []
        case click.ClickException():
            return Exit.USAGE, _usage(error)
        case OSError():  # a file that was named cannot be read or written
            return Exit.FAILED, [f"ocpctl: {error}"]
    return Exit.FAILED, _defect(error)


def _defect(error: BaseException) -> list[str]:
    """Of ocpctl itself, or of a server that answers what nobody can know."""
    import traceback  # noqa: PLC0415 - hardly ever

    *_, last = traceback.extract_tb(error.__traceback__)
    where = f"{Path(last.filename).name}, line {last.lineno}"
    return [f"ocpctl: this should not happen: {type(error).__name__}: {error}", f"  Please report it, with {where}."]


def _usage(error: click.ClickException) -> list[str]:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return [error.format_message()]
    ctx = getattr(error, "ctx", None)
    return [f"ocpctl: {error.format_message()}", f"  See: {ctx.command_path} --help" if ctx else "  See: ocpctl --help"]
