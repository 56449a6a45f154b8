"""Asking for a cluster."""

from collections.abc import Mapping
from typing import Any

import click

from ocpctl_cli import asking, clusters, watching
from ocpctl_cli.durations import Duration
from ocpctl_cli.objects import Object
from ocpctl_cli.output import say, show_fields
from ocpctl_cli.settings import Settings, command, pass_settings


@command("create")
@click.argument("name", required=False)
@asking.options
@click.option("--dry-run", is_flag=True, help="Print what it would become, with its price; make nothing.")
@click.option("--watch", "-w", is_flag=True, help="Show how it gets on, until it is READY. Ctrl-C leaves it alone.")
@click.option("--wait", "wait_for", type=click.Choice(["READY"]), help="Wait for it without a word, for scripts.")
@click.option("--timeout", type=Duration(), help="With --watch or --wait: at most so long.")
@pass_settings
def create(
    settings: Settings,
    /,
    name: str | None,
    dry_run: bool,
    watch: bool,
    wait_for: str | None,
    timeout: int | None,
    **words: Any,
) -> None:
    """Ask for a cluster. The answer is there when the request is durable; the cluster takes most of an hour."""
    wanted = asking.request(settings, name, words)
    if dry_run:
        _show_dry_run(settings, wanted)
        return
    made = settings.api.change("/clusters", wanted, options=asking.OPTIONS)
    is_watched = watch or bool(wait_for)
    _tell(settings, made, wanted, "" if is_watched else f" Watch it: ocpctl wait {wanted['name']}")
    if is_watched:
        _watch(settings, made["clusterId"], timeout, None if watch else _draw_nothing)


def _show_dry_run(settings: Settings, wanted: Mapping[str, Any]) -> None:
    answer = settings.api.ask("/clusters", {**wanted, "validateOnly": True}, options=asking.OPTIONS)
    if settings.form == "json":
        show_fields("json", answer, (), name="resolved")
        return
    click.echo(asking.as_file(wanted, answer.part("resolved")), nl=False)


def _tell(settings: Settings, made: Object, wanted: Mapping[str, Any], advice: str) -> None:
    """stdout: the id, or the API's answer."""
    if settings.form in ("json", "yaml"):
        show_fields(settings.form, made, (), name="clusterId")
    else:
        click.echo(made["clusterId"])
    say(f"{wanted['name']} is asked for.{advice}")


def _draw_nothing(cluster: Object) -> None:
    """For scripts."""


def _watch(settings: Settings, cluster_id: str, timeout: int | None, draw: watching.Draw | None) -> None:
    try:
        ready = watching.until(settings.api, cluster_id, "READY", timeout=timeout, draw=draw)
    except KeyboardInterrupt:
        say(f"\nIt goes on without you. Come back: ocpctl wait {cluster_id}   End it: ocpctl destroy {cluster_id}")
        raise
    say(f"READY. Use it: ocpctl kubeconfig {ready['name']} --merge   It ends {clusters.ends(ready)}.")


COMMANDS = {"create": create}
