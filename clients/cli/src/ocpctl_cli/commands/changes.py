"""Changing clusters, and ending them."""

import sys

import click

from ocpctl_cli import clusters, kubeconfigs, watching
from ocpctl_cli.completions import cluster_argument
from ocpctl_cli.durations import Duration, Hours
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object
from ocpctl_cli.output import Column, say, show_fields
from ocpctl_cli.settings import Settings, command, pass_settings

ACCEPTED = (
    Column(title="cluster", value=clusters.text("clusterId")),
    Column(title="job", value=clusters.text("jobId")),
    Column(title="status", value=clusters.text("status")),
)


def _show_accepted(settings: Settings, answer: Object, sentence: str) -> None:
    """Scripts get the API's answer, people a sentence. Raises Failure where it names no cluster."""
    answer.require("clusterId")
    if settings.form == "table":
        say(sentence)
    else:
        show_fields(settings.form, answer, ACCEPTED, name="clusterId")


@command("extend")
@cluster_argument
@click.option("--by", "hours", type=Hours(), required=True, help="How much longer: 8h, 2d.")
@pass_settings
def extend(settings: Settings, cluster: str, hours: int) -> None:
    """Let a cluster live longer, within the profile's maximum."""
    cluster_id = clusters.id_of(settings.api, cluster)
    answer = settings.api.change(f"/clusters/{cluster_id}/extend", {"hours": hours}, options={"hours": "--by"})
    _show_accepted(settings, answer, f"{cluster} ends {clusters.ends(answer)}, at {answer['destroyAt']}.")


@command("scale")
@cluster_argument
@click.option("--workers", type=int, required=True, help="How many worker nodes.")
@click.option("--watch", "-w", is_flag=True, help="Show how it gets on, until it is READY.")
@pass_settings
def scale(settings: Settings, cluster: str, workers: int, watch: bool) -> None:
    """Change the number of workers."""
    cluster_id = clusters.id_of(settings.api, cluster)
    body, options = {"workerReplicas": workers}, {"workerReplicas": "--workers"}
    answer = settings.api.change(f"/clusters/{cluster_id}/scale-workers", body, options=options)
    _show_accepted(settings, answer, f"{cluster} gets {workers} workers.")
    if watch:
        watching.until(settings.api, cluster_id, "READY")


@command("cancel")
@cluster_argument
@click.option("--watch", "-w", is_flag=True, help="Show how it gets on, until it is DESTROYED.")
@pass_settings
def cancel(settings: Settings, cluster: str, watch: bool) -> None:
    """End a create, and destroy what exists of it."""
    cluster_id = clusters.id_of(settings.api, cluster)
    answer = settings.api.change(f"/clusters/{cluster_id}/cancel")
    _show_accepted(settings, answer, f"The create of {cluster} ends; what exists is destroyed.")
    if watch:
        _watch_to_the_end(settings, cluster_id)


@command("destroy")
@cluster_argument
@click.option("--yes", "-y", is_flag=True, help="Do not ask; needed without a terminal.")
@click.option("--watch", "-w", is_flag=True, help="Show how it gets on, until it is proven gone.")
@click.option("--timeout", type=Duration(), help="With --watch: at most so long.")
@pass_settings
def destroy(settings: Settings, cluster: str, yes: bool, watch: bool, timeout: int | None) -> None:
    """Destroy a cluster. It asks for the cluster's name first."""
    found = clusters.found(settings.api, cluster)
    if not yes:
        _confirm(found)
    cluster_id = str(found["id"])
    answer = settings.api.change(f"/clusters/{cluster_id}/destroy").require("clusterId")
    kubeconfigs.forget(cluster_id, say)
    advice = "" if watch else f" See it gone: ocpctl wait {cluster_id} --for DESTROYED"
    _show_accepted(settings, answer, f"{found['name']} is being destroyed.{advice}")
    if watch:
        _watch_to_the_end(settings, cluster_id, timeout)


def _confirm(cluster: Object) -> None:
    if not sys.stdin.isatty():
        raise Failure(
            Exit.USAGE, f"{cluster['name']} is not destroyed: nobody can be asked here", "Add --yes if you mean it"
        )
    say(f"{cluster['name']} ({cluster['id']}) of {cluster.get('owner')} is {cluster.get('status')}.")
    if click.prompt("Type its name to destroy it", err=True) != cluster["name"]:
        raise Failure(Exit.REFUSED, "that is not its name: nothing was destroyed")


def _watch_to_the_end(settings: Settings, cluster_id: str, timeout: int | None = None) -> None:
    try:
        watching.until(settings.api, cluster_id, "DESTROYED", timeout=timeout)
    except KeyboardInterrupt:
        say(f"\nIt goes on without you. Come back: ocpctl wait {cluster_id} --for DESTROYED")
        raise
    say(f"It is gone. The proof: ocpctl receipt {cluster_id}")


COMMANDS = {"extend": extend, "scale": scale, "cancel": cancel, "destroy": destroy}
