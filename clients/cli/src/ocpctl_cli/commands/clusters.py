"""Looking at clusters."""

from collections.abc import Sequence
from typing import Any

import click

from ocpctl_cli import clusters, watching
from ocpctl_cli.clusters import text
from ocpctl_cli.completions import cluster_argument
from ocpctl_cli.durations import Duration
from ocpctl_cli.objects import Object
from ocpctl_cli.output import Column, show, show_fields
from ocpctl_cli.settings import Settings, command, pass_settings

STATUS = click.Choice((*clusters.LIVING, clusters.DESTROYED), case_sensitive=False)
FIELDS = (
    Column(title="name", value=text("name")),
    Column(title="id", value=text("id")),
    Column(title="status", value=clusters.state),
    Column(title="reason", value=text("statusReason")),
    Column(title="stage", value=text("stage")),
    Column(title="remains", value=lambda row: "something may still exist and cost money" if _may_remain(row) else ""),
    Column(title="profile", value=text("profile")),
    Column(title="version", value=text("version")),
    Column(title="where", value=lambda row: f"{row.get('platform', '')} {row.get('region', '')}"),
    Column(title="domain", value=lambda row: f"{row.get('name', '')}.{row.get('baseDomain', '')}"),
    Column(title="workers", value=text("workerReplicas")),
    Column(title="credentials", value=text("credentialsMode")),
    Column(title="owner", value=text("owner")),
    Column(title="team", value=text("team")),
    Column(title="cost center", value=text("costCenter")),
    Column(title="price", value=lambda row: f"{clusters.price(row)} USD an hour"),
    Column(title="asked for", value=lambda row: f"{row.get('createTime', '')} ({clusters.age(row)} ago)"),
    Column(title="ready", value=text("readyTime")),
    Column(title="ends", value=lambda row: f"{row.get('destroyAt', '')} {clusters.ends(row)}".strip()),
    Column(title="job", value=lambda row: _job(row.part("currentJob"))),
)


def _may_remain(row: Object) -> bool:
    return row.get("status") == "FAILED" and bool(row.get("resourcesRemaining"))


def _job(job: Object) -> str:
    if not job:
        return ""
    tries = f"try {job.get('attempt', 0)} of {job.get('maxAttempts', '?')}"
    wrong = f": {job['errorMessage']}" if job.get("errorMessage") else ""
    return f"{job.get('id')} {job.get('type')} {job.get('status')}, {tries}{wrong}"


@command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are DESTROYED.")
@click.option("--status", multiple=True, type=STATUS, help="Only these; may be repeated.")
@click.option("--team", multiple=True, help="Only these teams; may be repeated.")
@click.option("--owner", multiple=True, help="Only these owners; may be repeated.")
@click.option("--profile", "-p", multiple=True, help="Only these profiles; may be repeated.")
@click.option("--platform", multiple=True, help="Only these platforms; may be repeated.")
@click.option("--name", help="Only this name.")
@pass_settings
def list_clusters(settings: Settings, /, everything: bool, status: Sequence[str], **filters: Any) -> None:
    """Clusters that you may see."""
    wanted = status or ([] if everything else clusters.LIVING)
    found = list(settings.api.pages("/clusters", "clusters", status=wanted, pageSize=100, **filters))
    show(settings.form, {"clusters": found}, found, clusters.COLUMNS)


@command("get")
@cluster_argument
@pass_settings
def get(settings: Settings, cluster: str) -> None:
    """One cluster, by name or id."""
    show_fields(settings.form, clusters.found(settings.api, cluster, gone=True), FIELDS)


@command("receipt")
@cluster_argument
@pass_settings
def receipt(settings: Settings, cluster: str) -> None:
    """What proves that a cluster is gone."""
    found = settings.api.get(f"/clusters/{clusters.id_of(settings.api, cluster, gone=True)}/receipt")
    columns = (
        Column(title="INFRA ID", value=text("infraId")),
        Column(title="ACCOUNT", value=text("accountId")),
        Column(title="REGION", value=text("region")),
        Column(title="LOOKED FOR", value=lambda row: f"{len(_types(row))} kinds of resources"),
        Column(title="VERIFIED", value=text("verifiedAt")),
        Column(title="KINDS", value=lambda row: ", ".join(_types(row)), wide=True),
    )
    show(settings.form, found, found.objects("attempts"), columns, name="attemptId")


def _types(attempt: Object) -> list[str]:
    return sorted({kind for check in attempt.parts("checks") for kind in check.part("found")})


@command("wait")
@cluster_argument
@click.option(
    "--for", "wanted", type=click.Choice(list(watching.ENDS)), default="READY", help="What it shall be (READY)."
)
@click.option("--timeout", type=Duration(), default=None, help="At most so long: 90m, 2h (for ever).")
@pass_settings
def wait(settings: Settings, cluster: str, wanted: str, timeout: int | None) -> None:
    """Wait until a cluster is READY or DESTROYED: 0; never will be: 6; not in time: 7."""
    cluster_id = clusters.id_of(settings.api, cluster, gone=True)
    watching.until(settings.api, cluster_id, wanted, timeout=timeout)


COMMANDS = {"list": list_clusters, "get": get, "receipt": receipt, "wait": wait}
