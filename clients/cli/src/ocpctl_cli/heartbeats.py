"""Says to the server that somebody is still there, beside whatever else is done. Silence ends the cluster."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ocpctl_cli.failures import Exit, Failure

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

SHARE = 4  # so often within the keepalive: three may be lost
LONGEST_PAUSE = 60.0


@contextmanager
def kept_alive(api: "Api", cluster_id: str, seconds: int) -> Iterator[None]:
    """While the block runs. A cluster that ended is no reason to end the block: whoever waits for it will see it."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(api, cluster_id, seconds, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _beat(api: "Api", cluster_id: str, seconds: int, stop: threading.Event) -> None:
    pause = min(LONGEST_PAUSE, seconds / SHARE)
    api.patience = pause
    heard, warned = time.monotonic(), False
    while not stop.wait(pause):
        try:
            api.ask(f"/clusters/{cluster_id}/keepalive", {}, options={})
            heard, warned = time.monotonic(), False
        except Failure as failure:
            if failure.code in (Exit.REFUSED, Exit.NOT_FOUND):
                return  # it is being destroyed, or has failed
            left = heard + seconds - time.monotonic()
            if not warned and left < seconds / 2:
                api.say(f"The server was not told that you are here: it destroys the cluster in {max(0, left):.0f} s.")
                warned = True
