"""Looking at a cluster until it is what somebody waits for: one line that changes, or a line a change."""

import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ocpctl_cli import clusters, durations, output
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

POLL_SECONDS = 2.0
AWAY_SECONDS = 1800.0  # who waits for a cluster waits for its server, too
ENDS = {
    "READY": {"FAILED", "DESTROYING", "DESTROYED"},
    "DESTROYED": {"FAILED"},
}
Draw = Callable[[Object], None]
CLEAR = "\r\x1b[K"


class Picture:
    """Where a cluster stands, for a person. On a terminal the last line is drawn anew."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown = ""
        self._began = time.monotonic()

    def draw(self, cluster: Object) -> None:
        """A line a change; on a terminal with the time that passes."""
        line = f"{cluster.get('name')} {clusters.state(cluster)} {cluster.get('stage', '')}".rstrip()
        if self._terminal:
            took = durations.shown(time.monotonic() - self._began)
            room = shutil.get_terminal_size().columns - 1
            click.echo(CLEAR + output.safe(f"{line}  {took}{_left(cluster)}")[:room], nl=False, err=True)
        elif line != self._shown:
            click.echo(f"{datetime.now(tz=UTC):%H:%M:%S}Z  {output.safe(line)}", err=True)
        self._shown = line

    def end(self) -> None:
        """The last line stays."""
        if self._terminal and self._shown:
            click.echo("", err=True)


def _left(cluster: Object) -> str:
    ready = clusters.moment(cluster.get("estimatedReadyTime"))
    if ready is None or cluster.get("status") not in ("PENDING", "CREATING"):
        return ""
    return f", about {durations.shown(max(60.0, (ready - datetime.now(tz=UTC)).total_seconds()))} left"


def until(
    api: "Api",
    cluster_id: str,
    wanted: str,
    *,
    timeout: float | None = None,
    draw: Draw | None = None,
    patience: float = AWAY_SECONDS,
) -> Object:
    """The cluster when it is `wanted`. `patience`: seconds for a server that is away.

    Raises Failure: JOB_FAILED when it never will be, TIMEOUT, AWAY.
    """
    give_up = None if timeout is None else time.monotonic() + timeout
    api.patience = patience if timeout is None else min(patience, timeout)
    picture = Picture()
    try:
        while True:
            cluster = api.get(f"/clusters/{cluster_id}")
            (draw or picture.draw)(cluster)
            if cluster.get("status") == wanted:
                return cluster
            _check(cluster, wanted, give_up, timeout)
            time.sleep(POLL_SECONDS)
    finally:
        picture.end()


def _check(cluster: Object, wanted: str, give_up: float | None, timeout: float | None) -> None:
    status, name = cluster.get("status"), cluster.get("name")
    if status in ENDS[wanted]:
        raise Failure(Exit.JOB_FAILED, f"{name} is {status}, and will not be {wanted}{_why(cluster)}", _next(cluster))
    if give_up is not None and time.monotonic() > give_up:
        raise Failure(
            Exit.TIMEOUT,
            f"{name} is {clusters.state(cluster)} after {durations.shown(timeout or 0)}",
            _again(cluster, wanted),
        )


def _why(cluster: Object) -> str:
    reason = cluster.get("statusReason")
    return f": {reason}" if reason else ""


def _next(cluster: Object) -> str:
    if cluster.get("status") != "FAILED":
        return f"See why: ocpctl events {cluster['id']}"
    remains = "Something may still exist and cost money" if cluster.get("resourcesRemaining") else "Nothing remains"
    return f"See why: ocpctl logs {cluster['id']}\n{remains}; remove it: ocpctl destroy {cluster['id']}"


def _again(cluster: Object, wanted: str) -> str:
    return f"It goes on. Wait longer: ocpctl wait {cluster['id']} --for {wanted}"
