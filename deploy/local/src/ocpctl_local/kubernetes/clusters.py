"""The clusters that the stand-in plays: one file each, so that they outlive its process.

Machines come and go one by one, every PACE seconds. Nothing runs for it: the state is brought up to now when somebody
asks.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ocpctl_local.moto.aws import REGION

PACE = 0.3
ZONES = ("a", "b")


@dataclass(slots=True, kw_only=True)
class MachineSet:
    """One of a cluster. `since` is when the last machine came or went."""

    name: str
    role: str
    replicas: int
    ready: int
    since: float
    version: int = 1

    def advance(self, now: float) -> None:
        """As many machines as there was time for."""
        steps = min(int((now - self.since) / PACE), abs(self.replicas - self.ready))
        self.ready += steps if self.replicas > self.ready else -steps
        self.version += steps
        self.since = now if self.ready == self.replicas else self.since + steps * PACE


@dataclass(slots=True, kw_only=True)
class Cluster:
    """A cluster whose create has ended. `refuse`: it takes no change; `stall`: its machines never become ready."""

    infra_id: str
    machine_sets: list[MachineSet]
    refuse: bool = False
    stall: bool = False


def installed(infra_id: str, workers: int, *, refuse: bool, stall: bool) -> Cluster:
    """As the installer leaves it: the workers spread over the zones, the first zones one more; none for others."""
    each, more = divmod(workers, len(ZONES))
    sets = []
    for number, zone in enumerate(ZONES):
        count = each + int(number < more)
        name = f"{infra_id}-worker-{REGION}{zone}"
        sets.append(MachineSet(name=name, role="worker", replicas=count, ready=count, since=time.time()))
    return Cluster(infra_id=infra_id, machine_sets=sets, refuse=refuse, stall=stall)


class Clusters:
    """All of them. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def put(self, cluster: Cluster) -> None:
        """From now on its credentials work."""
        with self._lock:
            self._write(cluster)

    def remove(self, infra_id: str) -> None:
        """It is gone, if it was there."""
        with self._lock:
            self._path(infra_id).unlink(missing_ok=True)

    def change(self, infra_id: str, work: Callable[[Cluster], Any]) -> Any:
        """What `work` makes of the cluster as it is now; what it changes is kept. Raises KeyError: there is none."""
        with self._lock:
            cluster = self._read(infra_id)
            if not cluster.stall:
                for item in cluster.machine_sets:
                    item.advance(time.time())
            answer = work(cluster)
            self._write(cluster)
            return answer

    def _read(self, infra_id: str) -> Cluster:
        try:
            document = json.loads(self._path(infra_id).read_text())
        except FileNotFoundError as error:
            raise KeyError(infra_id) from error
        sets = [MachineSet(**item) for item in document.pop("machine_sets")]
        return Cluster(**document, machine_sets=sets)

    def _write(self, cluster: Cluster) -> None:
        path = self._path(cluster.infra_id)
        partial = path.with_suffix(".tmp")
        partial.write_text(json.dumps(asdict(cluster)))
        partial.rename(path)

    def _path(self, infra_id: str) -> Path:
        return self._folder / f"{infra_id}.json"
