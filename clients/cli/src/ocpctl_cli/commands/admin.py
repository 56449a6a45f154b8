"""What operators look at and change."""

from collections.abc import Mapping
from typing import Any

import click

from ocpctl_cli import clusters
from ocpctl_cli.clusters import text
from ocpctl_cli.completions import cluster_argument
from ocpctl_cli.durations import Hours
from ocpctl_cli.output import Column, say, show, show_fields
from ocpctl_cli.settings import Group, Settings, pass_settings, segment

LOCKS = (
    Column(title="CLUSTER", value=text("clusterName"), elastic=True),
    Column(title="JOB", value=text("jobId")),
    Column(title="TYPE", value=text("jobType")),
    Column(title="RUNNER", value=text("runnerId"), elastic=True),
    Column(title="FENCE", value=text("fence")),
    Column(title="RENEWED", value=text("renewTime")),
    Column(title="EXPIRES", value=lambda row: f"{row.get('expireTime', '')}{' EXPIRED' if row.get('expired') else ''}"),
)
RUNNERS = (
    Column(title="ID", value=text("id"), elastic=True),
    Column(title="ALIVE", value=lambda row: "yes" if row.get("alive") else "no"),
    Column(title="BUSY", value=lambda row: f"{row.get('busy', 0)} of {row.get('slots', 0)}"),
    Column(title="LEASES", value=lambda row: str(row.get("locks", 0))),
    Column(title="SEEN", value=text("seenTime")),
    Column(title="STARTED", value=text("startTime"), wide=True),
)
ORPHANS = (
    Column(title="TYPE", value=text("resourceType")),
    Column(title="RESOURCE", value=text("resourceArn"), elastic=True),
    Column(title="ACCOUNT", value=text("accountId")),
    Column(title="REGION", value=text("region")),
    Column(title="FIRST SEEN", value=text("firstSeenTime")),
    Column(title="RESOLVED", value=text("resolvedTime"), wide=True),
)
MAPPINGS = (
    Column(title="ID", value=text("id")),
    Column(title="PRINCIPAL", value=text("iamPrincipalArn"), elastic=True),
    Column(title="ROLE", value=text("role")),
    Column(title="TEAM", value=lambda row: "all" if row.get("allTeams") else str(row.get("team", ""))),
    Column(title="ENABLED", value=lambda row: "yes" if row.get("enabled") else "no"),
    Column(title="ENDS", value=text("expireTime")),
)
ROLES = ("REQUESTER", "PLATFORM_ADMIN", "AUDITOR")


@click.group("admin", cls=Group)
def admin() -> None:
    """What operators look at and change."""


@admin.command("locks")
@pass_settings
def locks(settings: Settings) -> None:
    """Leases that runners hold, the longest silent first."""
    found = settings.api.get("/admin/locks")
    show(settings.form, found, found.objects("locks"), LOCKS, name="clusterId")


@admin.command("queue")
@pass_settings
def queue(settings: Settings) -> None:
    """What waits, and since when."""
    found = settings.api.get("/admin/queue")
    show_fields(settings.form, found, [Column(title=name, value=text(name)) for name in found], name="dueJobs")


@admin.command("runners")
@pass_settings
def runners(settings: Settings) -> None:
    """Runners that were heard of within a day."""
    found = settings.api.get("/admin/runners")
    show(settings.form, found, found.objects("runners"), RUNNERS)


@admin.command("orphans")
@click.option("--all", "everything", is_flag=True, help="Also those that are gone by now.")
@pass_settings
def orphans(settings: Settings, everything: bool) -> None:
    """Resources in the cloud that belong to nothing that lives."""
    found = list(settings.api.pages("/admin/orphans", "orphans", includeResolved=everything or None))
    show(settings.form, {"orphans": found}, found, ORPHANS, name="resourceArn")


@admin.command("states")
@pass_settings
def states(settings: Settings) -> None:
    """States that nobody works on; empty while all is well."""
    found = settings.api.get("/admin/states-without-owner")
    rows = found.objects("states")
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["invariant"]
    show(
        settings.form,
        found,
        rows,
        [Column(title=name.upper(), value=text(name), elastic=True) for name in names],
        names[0],
    )


@admin.command("retry-destroy")
@cluster_argument
@pass_settings
def retry_destroy(settings: Settings, cluster: str) -> None:
    """Try the destroy of a cluster now, without its pause."""
    settings.api.change(f"/admin/clusters/{clusters.id_of(settings.api, cluster)}/retry-destroy")
    say(f"The destroy of {cluster} is tried now.")


@admin.group("mappings", cls=Group)
def mappings() -> None:
    """Which AWS principal has which role."""


@mappings.command("list")
@pass_settings
def list_mappings(settings: Settings) -> None:
    """All of them."""
    found = list(settings.api.pages("/admin/rbac-mappings", "mappings"))
    show(settings.form, {"mappings": found}, found, MAPPINGS)


def _chosen(words: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in words.items() if value is not None}


MAPPING_OPTIONS = {"iamPrincipalArn": "ARN", "team": "--team", "role": "--role", "expiresInHours": "--expires-in"}


@mappings.command("add")
@click.argument("arn")
@click.option("--role", required=True, type=click.Choice(ROLES, case_sensitive=False), help="What it may do.")
@click.option("--team", required=True, help="For this team.")
@click.option("--all-teams", "allTeams", is_flag=True, default=None, help="Also for all others: an AUDITOR's choice.")
@click.option("--expires-in", "expiresInHours", type=Hours(), help="For so long: 8h, 30d (until it is taken away).")
@pass_settings
def add_mapping(settings: Settings, /, arn: str, **words: Any) -> None:
    """Give an AWS principal a role."""
    wanted = {"iamPrincipalArn": arn, **_chosen(words)}
    made = settings.api.change("/admin/rbac-mappings", wanted, options=MAPPING_OPTIONS)
    show(settings.form, made, [made], MAPPINGS)


@mappings.command("update")
@click.argument("mapping")
@click.option("--enable/--disable", "enabled", default=None, help="Whether it counts.")
@click.option("--expires-in", "expiresInHours", type=Hours(), help="For so long from now: 8h, 30d.")
@click.option("--forget-unique-id", "forgetUniqueId", is_flag=True, default=None, help="The principal was made anew.")
@pass_settings
def update_mapping(settings: Settings, /, mapping: str, **words: Any) -> None:
    """Change one of them; it holds within seconds."""
    made = settings.api.change(
        f"/admin/rbac-mappings/{segment(mapping)}/update", _chosen(words), options=MAPPING_OPTIONS
    )
    show(settings.form, made, [made], MAPPINGS)


@mappings.command("remove")
@click.argument("mapping")
@pass_settings
def remove_mapping(settings: Settings, mapping: str) -> None:
    """Take a role away."""
    settings.api.change(f"/admin/rbac-mappings/{segment(mapping)}", method="DELETE")
    say(f"{mapping} is gone.")


COMMANDS = {"admin": admin}
