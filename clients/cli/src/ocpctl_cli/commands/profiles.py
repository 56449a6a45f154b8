"""What may be asked for."""

from typing import Any

import click

from ocpctl_cli.clusters import price, text
from ocpctl_cli.objects import Object
from ocpctl_cli.output import Column, show, show_fields
from ocpctl_cli.settings import Settings, command, pass_settings, segment


def _listed(name: str, first: str = "") -> Any:
    """The default before the others."""

    def value(row: Object) -> str:
        chosen = row.get(first, "")
        return ", ".join([f"{chosen} (default)"] * bool(chosen) + [one for one in row.texts(name) if one != chosen])

    return value


COLUMNS = (
    Column(title="NAME", value=text("name")),
    Column(title="PLATFORM", value=text("platform")),
    Column(title="ENABLED", value=lambda row: "yes" if row.get("enabled") else "no"),
    Column(title="USD/H", value=price),
    Column(
        title="TTL", value=lambda row: f"{row.get('defaultTtlHours', '?')}h, at most {row.get('maxTtlHours', '?')}h"
    ),
    Column(title="DESCRIPTION", value=text("description"), elastic=True),
)
FIELDS = (
    Column(title="name", value=text("name")),
    Column(title="title", value=text("displayName")),
    Column(title="description", value=text("description")),
    *COLUMNS[1:5],
    Column(title="versions", value=_listed("versions", "defaultVersion")),
    Column(title="regions", value=_listed("regions", "defaultRegion")),
    Column(title="base domains", value=_listed("baseDomains")),
    Column(
        title="workers",
        value=lambda row: (
            f"{row.get('workerReplicas', 0)}, {row.get('minWorkerReplicas', 0)} to {row.get('maxWorkerReplicas', 0)}"
        ),
    ),
)


@command("profiles")
@click.argument("name", required=False)
@pass_settings
def profiles(settings: Settings, name: str | None) -> None:
    """What may be asked for; with a NAME, all of that profile."""
    if name:
        fields = [Column(title=field.title.lower(), value=field.value) for field in FIELDS]
        show_fields(settings.form, settings.api.get(f"/profiles/{segment(name)}"), fields, name="name")
        return
    found = settings.api.get("/profiles")
    show(settings.form, found, found.objects("profiles"), COLUMNS, name="name")


COMMANDS = {"profiles": profiles}
