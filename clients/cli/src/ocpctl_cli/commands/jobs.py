"""What was and is done about a cluster: its jobs, its events, its logs."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from ocpctl_cli import clusters, streams
from ocpctl_cli.clusters import text
from ocpctl_cli.completions import cluster_argument
from ocpctl_cli.durations import Duration
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object, odd
from ocpctl_cli.output import Column, plain, safe, show, show_element, show_fields
from ocpctl_cli.settings import Settings, command, pass_settings

JOB_ID = re.compile(r"job_[0-9A-Z]{26}")
POLL_SECONDS = 2.0
JOBS = (
    Column(title="ID", value=text("id")),
    Column(title="TYPE", value=text("type")),
    Column(title="STATUS", value=text("status")),
    Column(title="TRY", value=lambda row: f"{row.get('attempt', 0)} of {row.get('maxAttempts', '?')}"),
    Column(title="BEGAN", value=text("startTime")),
    Column(title="WHAT WENT WRONG", value=text("errorMessage"), elastic=True),
    Column(title="CLUSTER", value=text("clusterId"), wide=True),
)
JOB = (
    *(Column(title=column.title.lower(), value=column.value) for column in JOBS),
    Column(title="ended", value=text("endTime")),
    Column(title="next try", value=text("runAfter")),
    Column(title="request", value=text("correlationId")),
    Column(title="tries", value=lambda row: "; ".join(map(_attempt, row.parts("attempts")))),
)


def _attempt(one: Mapping[str, Any]) -> str:
    wrong = f" {one.get('failureClass', '')} {one.get('message', '')}".rstrip()
    return f"{one.get('number')} {one.get('mode')} {one.get('outcome', 'goes on')}{wrong}"


@command("jobs")
@click.argument("word", metavar="[CLUSTER|JOB]", required=False)
@click.option("--status", multiple=True, metavar="STATUS", help="Only these; may be repeated.")
@click.option("--type", "kinds", multiple=True, metavar="TYPE", help="Only these; may be repeated.")
@pass_settings
def jobs(settings: Settings, word: str | None, status: Sequence[str], kinds: Sequence[str]) -> None:
    """Jobs, of a cluster or of all; with the id of a JOB, that one with its tries."""
    if word and JOB_ID.fullmatch(word):
        show_fields(settings.form, settings.api.get(f"/jobs/{word}"), JOB)
        return
    cluster_id = clusters.id_of(settings.api, word, gone=True) if word else None
    wanted = {"status": [one.upper() for one in status], "type": [one.upper() for one in kinds]}
    found = list(settings.api.pages("/jobs", "jobs", clusterId=cluster_id, pageSize=100, **wanted))
    show(settings.form, {"jobs": found}, found, JOBS)


@command("events")
@cluster_argument
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until the cluster is DESTROYED.")
@pass_settings
def events(settings: Settings, cluster: str, follow: bool) -> None:
    """What happened to a cluster, oldest first."""
    found = clusters.found(settings.api, cluster, gone=True)
    for event in _events(settings, str(found["id"]), follow=follow):
        percent = event.number("progressPercent")
        what = safe(f"{event.get('stage', '')}: {event.get('message', '')}")
        text = f"{str(event.get('time'))[:19]}Z  {f'{percent:3d}%' if percent else '    '}  {what}"
        show_element(settings.form, event, text)


def _events(settings: Settings, cluster_id: str, *, follow: bool) -> Iterator[Object]:
    """The last page's token goes on with what happens later."""
    token: str | None = None
    while True:
        page = settings.api.get(f"/clusters/{cluster_id}/events", pageToken=token, pageSize=100)
        yield from page.objects("events")
        before, token = token, page.get("nextPageToken") or token
        if page["events"] and before == token:
            raise odd("with the same page again")
        if page["events"]:
            continue
        if not follow or settings.api.get(f"/clusters/{cluster_id}").get("status") == clusters.DESTROYED:
            return
        time.sleep(POLL_SECONDS)


@command("logs")
@click.argument("word", metavar="CLUSTER|JOB")
@click.option("--follow", "-f", is_flag=True, help="Go on until the job ends.")
@click.option("--tail", type=click.IntRange(min=1), help="Only so many lines of the end.")
@click.option("--since", type=Duration(), help="Only lines that are not older: 10m, 2h.")
@click.option("--attempt", type=click.IntRange(min=1), help="Only of this try.")
@pass_settings
def show_log(
    settings: Settings, word: str, follow: bool, tail: int | None, since: int | None, attempt: int | None
) -> None:
    """What the installer said, of all tries: of a cluster's newest job, or of a JOB."""
    job_id = word if JOB_ID.fullmatch(word) else _newest_job(settings, word)
    only = _attempt_id(settings, job_id, attempt) if attempt else None
    oldest = datetime.now(tz=UTC) - timedelta(seconds=since) if since else None
    for line in streams.elements(f"/jobs/{job_id}/log", "line", settings.api, follow=follow or None, tail=tail):
        when = clusters.moment(line.get("time"))
        if (only and line.get("attemptId") != only) or (oldest and when and when < oldest):
            continue
        show_element(settings.form, line, plain(str(line.get("text", ""))))


def _newest_job(settings: Settings, word: str) -> str:
    cluster_id = clusters.id_of(settings.api, word, gone=True)
    known = settings.api.get("/jobs", clusterId=cluster_id).objects("jobs")
    if not known:
        raise Failure(Exit.NOT_FOUND, f"{word} has no job")
    return str(max(known, key=lambda job: str(job["createTime"]))["id"])


def _attempt_id(settings: Settings, job_id: str, number: int) -> str:
    attempts = settings.api.get(f"/jobs/{job_id}").objects("attempts")
    found = next((one["id"] for one in attempts if one.get("number") == number), None)
    if found is None:
        known = ", ".join(str(one.get("number")) for one in attempts) or "none"
        raise Failure(Exit.NOT_FOUND, f"{job_id} has no try {number}", f"There are: {known}")
    return str(found)


COMMANDS = {"jobs": jobs, "events": events, "logs": show_log}
