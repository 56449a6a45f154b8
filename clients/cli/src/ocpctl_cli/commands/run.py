"""A cluster for as long as a command runs."""

import secrets
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

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
    children.check(words)
    wanted = asking.request(settings, name or f"run-{secrets.token_hex(4)}", fields) | {"keepaliveSeconds": keep_alive}
    options = asking.OPTIONS | {"keepaliveSeconds": "--keep-alive"}
    cluster_id = ""
    with _Signals() as signals:
        try:
            with signals.held():
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
    """Heartbeats come in a thread of their own, with a patience of their own; that they wait is said once, by them."""
    return Api(context=settings.context, say=say, debug=settings.debug, tells_pauses=settings.debug)


def _use(settings: Settings, cluster_id: str, words: Sequence[str], timeout: int | None, keep_alive: int) -> int:
    """A server that is away for longer than the cluster is kept alive is waited for in vain."""
    watching.until(settings.api, cluster_id, "READY", timeout=timeout, patience=keep_alive)
    text = str(settings.api.get(f"/clusters/{cluster_id}/kubeconfig")["kubeconfig"])
    with children.kubeconfig(text) as path:
        return children.run(words, {"KUBECONFIG": str(path), "OCPCTL_CLUSTER": cluster_id})


class _Signals:
    """Ctrl-C and its like end what runs; not one that is ignored, as `nohup` does.

    While the cluster is asked for the first one is held back: it can be destroyed at once only by who knows its id.
    """

    NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

    def __init__(self) -> None:
        self._before: dict[signal.Signals, Any] = {}
        self._is_holding = False
        self._came: int | None = None

    def __enter__(self) -> "_Signals":
        heard = [number for number in self.NUMBERS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._take) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A second signal does not wait: then the server ends the cluster by itself. Raises Ended."""
        self._is_holding = True
        try:
            yield
        finally:
            self._is_holding = False
        if self._came is not None:
            raise Ended(self._came)

    def _take(self, number: int, _: FrameType | None) -> None:
        if not self._is_holding or self._came is not None:
            raise Ended(number)
        self._came = number
        say("Waiting for the cluster's id, to destroy it. Once more: it ends by itself, later.")


def _destroy(settings: Settings, cluster_id: str, *, patience: float, watch: bool) -> None:
    """What cannot be told now the server does by itself: it hears nothing more of this client."""
    settings.api.patience = patience
    try:
        settings.api.change(f"/clusters/{cluster_id}/destroy")
        kubeconfigs.forget(cluster_id, say)
        say(f"{cluster_id} is being destroyed.")
        if watch:
            watching.until(settings.api, cluster_id, clusters.DESTROYED)
    except (Failure, Ended) as problem:
        why = problem.message if isinstance(problem, Failure) else "you went away"
        say(f"The destroy was not seen ({why}). The server does it by itself; look: ocpctl get {cluster_id}")


COMMANDS = {"run": run}
