"""What was used, and who did what."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from ocpctl_cli import clusters, streams
from ocpctl_cli.clusters import text
from ocpctl_cli.durations import Moment, rfc3339
from ocpctl_cli.objects import Object
from ocpctl_cli.output import Column, show
from ocpctl_cli.settings import Settings, command, pass_settings

GROUPS = ("TEAM", "OWNER", "COST_CENTER", "PLATFORM", "PROFILE")
AUDIT = (
    Column(title="TIME", value=lambda row: str(row.get("time", ""))[:19] + "Z"),
    Column(title="ACTOR", value=text("actor"), elastic=True),
    Column(title="ACTION", value=text("action")),
    Column(title="OUTCOME", value=text("outcome")),
    Column(title="REASON", value=text("reason"), elastic=True),
    Column(title="CLUSTER", value=text("clusterId")),
    Column(title="REQUEST", value=text("correlationId"), wide=True),
    Column(title="HASH", value=text("hash"), wide=True),
)


@command("usage")
@click.option("--from", "begin", type=Moment(), help="From then on, as 2026-11-01 (the first of this month).")
@click.option("--to", "end", type=Moment(), help="Before then (now).")
@click.option("--by", type=click.Choice(GROUPS, case_sensitive=False), default="TEAM", help="What is added up (TEAM).")
@click.option("--csv", is_flag=True, help="As CSV.")
@pass_settings
def usage(settings: Settings, begin: str | None, end: str | None, by: str, csv: bool) -> None:
    """Hours and money of clusters."""
    now = datetime.now(tz=UTC).replace(microsecond=0)
    first = now.replace(day=1, hour=0, minute=0, second=0)
    query = {"from": begin or rfc3339(first), "to": end or rfc3339(now), "groupBy": by.upper()}
    if csv:
        click.echo(settings.api.text("/reports/usage.csv", **query), nl=False)
        return
    found = settings.api.get("/reports/usage", **query)
    columns = (
        Column(title=by.upper(), value=text("key"), elastic=True),
        Column(title="CLUSTERS", value=text("clusters")),
        Column(title="HOURS", value=text("clusterHours")),
        Column(title="USD", value=_money),
    )
    total = [] if settings.form == "name" else [Object(found.part("total"), key="all")]
    show(settings.form, found, [*found.objects("rows"), *total], columns, name="key")


def _money(row: Object) -> str:
    return f"{clusters.micros(row, 'costMicros') / clusters.MICROS:.2f}"


@command("audit")
@click.option("--cluster", metavar="CLUSTER", help="Only of this cluster.")
@click.option("--actor", help="Only of this principal.")
@click.option("--action", help="Only this action.")
@click.option("--outcome", help="Only with this outcome.")
@click.option("--request", "request_id", metavar="ID", help="Only of this request.")
@click.option("--from", "begin", type=Moment(), help="Not before, as 2026-11-01.")
@click.option("--to", "end", type=Moment(), help="Before.")
@click.option("--limit", type=click.IntRange(min=1), default=100, help="At most so many, the newest (100).")
@click.option("--export", is_flag=True, help="All of them, oldest first, a JSON object a line; this is audited itself.")
@pass_settings
def audit(settings: Settings, /, export: bool, limit: int, **words: str | None) -> None:
    """Who did what (for platform admins and auditors)."""
    query = _query(settings, words)
    if export:
        for event in streams.elements("/audit/export", "event", settings.api, **query):
            click.echo(json.dumps(event, ensure_ascii=False))
        return
    events = settings.api.pages("/audit", "events", pageSize=min(limit, 100), **query)
    found = [event for event, _ in zip(events, range(limit), strict=False)]
    show(settings.form, {"events": found}, found, AUDIT)


def _query(settings: Settings, words: Mapping[str, str | None]) -> dict[str, Any]:
    cluster = words["cluster"]
    return {
        "clusterId": clusters.id_of(settings.api, cluster, gone=True) if cluster else None,
        "actor": words["actor"],
        "action": words["action"],
        "outcome": (words["outcome"] or "").upper(),
        "correlationId": words["request_id"],
        "from": words["begin"],
        "to": words["end"],
    }


COMMANDS = {"usage": usage, "audit": audit}
