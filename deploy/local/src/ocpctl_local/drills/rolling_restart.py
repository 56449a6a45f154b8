"""`make drill-rolling-restart`: every service is replaced under load, one after the other; nothing is lost or redone.

As an update does it (docs/operations.md, "Updating"): SIGTERM, and the next one when the last is ready.
Envoy is not replaced: the stack has one, and whoever runs one alone loses calls.
"""

import argparse
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import urllib3

from ocpctl_local.claims import PATIENCE, Claims, console, run_checked
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.drills import database, installers
from ocpctl_local.moto import inventory
from ocpctl_local.settings import ROOT, UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack

FOLDER = ROOT / ".local" / "drill-rolling-restart"
TIMES = LeaseTimes(drain=PATIENCE)  # longer than an install, as the grace period of a platform must be
FIRST = ("scheduler", "scheduler-2", "api-gateway", "api-gateway-2", "janitor", "janitor-2")
RUNNERS = ("installer-runner-1", "installer-runner-2")
NAMES = tuple(f"drill-roll-{number}" for number in range(6))
POLL_SECONDS = 0.1
GATEWAY = "api-gateway"
DRAINING_SECONDS = 3.0
HELD_BY = "SELECT c.name FROM job_locks l JOIN clusters c ON c.id = l.cluster_id WHERE l.locked_by = %s"
ATTEMPTS = """SELECT c.name, count(*) FROM attempts a JOIN clusters c ON c.id = a.cluster_id
              WHERE a.mode = 'INSTALL' GROUP BY c.name"""


def main() -> None:
    """Runs the drill."""
    argparse.ArgumentParser(prog="make drill-rolling-restart", description=__doc__).parse_args()
    run_checked(settings(FOLDER), tell)


def settings(folder: Path, times: LeaseTimes = TIMES) -> StackSettings:
    """Two of every service."""
    two = StackSettings(folder=folder, times=times, limits=UNLIMITED, with_a_role=(1, 2))
    return replace(two, schedulers=2, gateways=2, janitors=2, runners=2)


@dataclass(slots=True)
class Caller:
    """Asks for its clusters again and again; counts what it is answered."""

    client: Client
    answers: Counter[int] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Caller":
        threading.Thread(target=self._ask, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _ask(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            self.answers[self.client.call("GET", "/clusters").status] += 1


def tell(claims: Claims) -> None:
    """The update. Raises NotTrue."""
    stack = claims.stack
    with Caller(Client(stack)) as caller:
        ids = _installs_go_on(claims)
        for name in FIRST:
            stack.replace(name, sign=signal.SIGTERM)
            _wait_until_known(stack, name)
            console.print(f"    {name} has been replaced")
        _drain(claims)
        for name in NAMES:
            claims.client.wait(ids[name], "READY", PATIENCE)
        claims.claim(f"{len(NAMES)} clusters are READY", holds=True)
        _destroy(claims, ids)
    claims.claim(f"each of {caller.answers.total()} calls was answered", set(caller.answers) == {200}, caller.answers)
    attempts = dict(database.rows(stack, ATTEMPTS))
    claims.claim("no install was begun a second time", set(attempts.values()) == {1}, attempts)


def _installs_go_on(claims: Claims) -> dict[str, str]:
    console.print("[bold]under load[/] installs that go on, and a caller that never stops")
    ids = {}
    for name in NAMES:
        installers.hold(claims.stack, name)
        ids[name] = str(claims.client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"])
    for name in NAMES:
        installers.wait_until_held(claims.stack, name)
    claims.claim(f"{len(NAMES)} installs go on", holds=True)
    return ids


def _wait_until_known(stack: Stack, name: str) -> None:
    """Until Envoy has found a gateway healthy again. Raises TimeoutError."""
    if not name.startswith(GATEWAY):
        return
    ports, deadline = stack.state.ports, time.monotonic() + PATIENCE
    known = f"127.0.0.1:{ports[name.removeprefix('api-')]}::health_flags::healthy"
    while known not in _envoys_clusters(ports["envoy_admin"]):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Envoy does not find {name} healthy")
        time.sleep(POLL_SECONDS)


def _envoys_clusters(admin_port: int) -> str:
    return urllib3.request("GET", f"http://127.0.0.1:{admin_port}/clusters", retries=False, timeout=5).data.decode()


def _drain(claims: Claims) -> None:
    """Each runner is told to end while it installs; its installs end first."""
    for name in RUNNERS:
        held = [str(row[0]) for row in database.rows(claims.stack, HELD_BY, name)]
        claims.claim(f"{name} is told to end amid {len(held)} installs", held)
        threading.Timer(DRAINING_SECONDS, _release, [claims.stack, held]).start()
        claims.stack.replace(name, sign=signal.SIGTERM)
        console.print(f"    {name} has been replaced")


def _release(stack: Stack, names: Sequence[str]) -> None:
    for name in names:
        installers.release(stack, name)


def _destroy(claims: Claims, ids: dict[str, str]) -> None:
    for cluster_id in ids.values():
        claims.client.destroy(cluster_id)
    for name, cluster_id in ids.items():
        claims.client.wait(cluster_id, "DESTROYED", PATIENCE)
        left = inventory.owned(claims.stack, name)
        claims.claim(f"{name} is DESTROYED and leaves 0 resources", not left, left)


if __name__ == "__main__":
    main()
