"""A cluster for as long as a command runs."""

import secrets
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click

from ocpctl_cli import asking, children, clusters, heartbeats, kubeconfigs, watching
from ocpctl_cli.api import Api
from ocpctl_cli.durations import Duration, shown
from ocpctl_cli.failures import Ended, Failure
from ocpctl_cli.output import say
from ocpctl_cli.settings import Settings, command, pass_settings

KEEP_ALIVE_SECONDS = 600


@command("run", context_settings={"allow_interspersed_args": False})
@asking.options
@click.option("--name", help="The cluster's name (run- and eight digits).")
@click.option(
    "--keep-alive",
    "keep_alive",
    type=Duration(),
    default=KEEP_ALIVE_SECONDS,
    help="Destroyed so long after this client is gone (10m).",
)
@click.option("--timeout", type=Duration(), help="Give up when it is not READY within so long.")
@click.option("--watch", "-w", is_flag=True, help="Wait at the end until it is proven gone.")
@click.argument("words", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_settings
def run(
    settings: Settings,
    /,
    name: str | None,
    keep_alive: int,
    timeout: int | None,
    watch: bool,
    words: Sequence[str],
    **fields: Any,
) -> int:
    """Create a cluster, run a command with its KUBECONFIG, destroy the cluster: always.

    The exit code is the command's. When this client dies, the server destroys the cluster.
    """
    wanted = asking.request(settings, name or f"run-{secrets.token_hex(4)}", fields) | {"keepaliveSeconds": keep_alive}
    options = asking.OPTIONS | {"keepaliveSeconds": "--keep-alive"}
    cluster_id = ""
    with _signals_end_it():
        try:
            cluster_id = str(settings.api.change("/clusters", wanted, options=options)["clusterId"])
            say(f"{wanted['name']}, {cluster_id}, is asked for. Without this client it ends {shown(keep_alive)} later.")
            with heartbeats.kept_alive(_another(settings), cluster_id, keep_alive):
                return _use(settings, cluster_id, words, timeout, keep_alive)
        except Ended as ended:
            say(f"\n{signal.Signals(ended.number).name} came.")
            return 128 + ended.number
        finally:
            if cluster_id:
                _destroy(settings, cluster_id, patience=keep_alive, watch=watch)


def _another(settings: Settings) -> Api:
    """Heartbeats come in a thread of their own, with a patience of their own."""
    return Api(context=settings.context, say=say, debug=settings.debug)


def _use(settings: Settings, cluster_id: str, words: Sequence[str], timeout: int | None, keep_alive: int) -> int:
    """A server that is away for longer than the cluster is kept alive is waited for in vain."""
    watching.until(settings.api, cluster_id, "READY", timeout=timeout, patience=keep_alive)
    text = str(settings.api.get(f"/clusters/{cluster_id}/kubeconfig")["kubeconfig"])
    with children.kubeconfig(text) as path:
        return children.run(words, {"KUBECONFIG": str(path), "OCPCTL_CLUSTER": cluster_id})


@contextmanager
def _signals_end_it() -> Iterator[None]:
    """Ctrl-C, too; not one that is ignored, as `nohup` does. While the command runs they are the command's."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise Ended(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    heard = [number for number in numbers if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _destroy(settings: Settings, cluster_id: str, *, patience: float, watch: bool) -> None:
    """What cannot be told now the server does by itself: it hears nothing more of this client."""
    settings.api.patience = patience
    try:
        settings.api.change(f"/clusters/{cluster_id}/destroy")
        kubeconfigs.forget(cluster_id)
        say(f"{cluster_id} is being destroyed.")
        if watch:
            watching.until(settings.api, cluster_id, clusters.DESTROYED)
    except (Failure, Ended) as problem:
        why = problem.message if isinstance(problem, Failure) else "you went away"
        say(f"The destroy was not seen ({why}). The server does it by itself; look: ocpctl get {cluster_id}")


COMMANDS = {"run": run}
