"""A client as it should be in bad times: one key a wish, asked again until there is an answer; it remembers answers."""

import threading
import time
import uuid
from typing import Any

import urllib3
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.settings import LeaseTimes
from ocpctl_local.stack import Stack

from tests.oracle.evidence import Accepted

# The protocol's times scaled by 1/100; every inequality holds, and an install takes longer than lease + quarantine.
FAULT_TIMES = LeaseTimes(
    lease=3,
    heartbeat=0.3,
    trust=1.6,
    kill=0.8,
    quarantine=0.6,
    absence_interval=0.3,
    sweep=0.4,
    backoff_unit=0.2,
    silence=4,
    claim=2,
)
TIME_SCALE = 0.4
PATIENCE = 90.0
RETRY = (409, 429, 503)


class Driver:
    """Creates and destroys; `accepted` holds every create that was answered with 2xx. Thread-safe."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.accepted: list[Accepted] = []
        self.refused: list[int] = []  # statuses that a client met meanwhile
        self._lock = threading.Lock()

    def create(self, name: str, **changes: Any) -> str:
        """The id of a cluster that is accepted now."""
        key = str(uuid.uuid4())
        answer = self._insist("/clusters", key, GUIDE_REQUEST | {"name": name} | changes)
        cluster_id: str = answer.body["clusterId"]
        with self._lock:
            self.accepted.append(Accepted(key=key, cluster_id=cluster_id, name=name))
        return cluster_id

    def destroy(self, cluster_id: str) -> None:
        """Its destroy is accepted now."""
        self._insist(f"/clusters/{cluster_id}/destroy", str(uuid.uuid4()), None)

    def _insist(self, path: str, key: str, body: Any) -> Answer:
        client = Client(self.stack)
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                answer = client.call("POST", path, body, key)
                if answer.status < 300:
                    return answer
                assert answer.status in RETRY, answer
                self.refused.append(answer.status)
            except urllib3.exceptions.HTTPError:
                self.refused.append(0)
            assert time.monotonic() < give_up, f"POST {path} was never accepted"
            time.sleep(0.2)

    def wait(self, cluster_id: str, *statuses: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The cluster in one of `statuses`; a front door that is away is waited for."""
        client = Client(self.stack)
        give_up = time.monotonic() + seconds
        cluster: Any = None
        while time.monotonic() < give_up:
            try:
                answer = client.call("GET", f"/clusters/{cluster_id}")
                cluster = answer.body
                if answer.status == 200 and cluster["status"] in statuses:
                    return dict(cluster)
            except urllib3.exceptions.HTTPError:
                pass  # away; the loop is the answer
            time.sleep(0.1)
        raise TimeoutError(f"{cluster_id} did not become {statuses}: {cluster}")

    def life(self, name: str) -> str:
        """A whole life, from wish to proof."""
        cluster_id = self.create(name)
        self.wait(cluster_id, "READY")
        self.destroy(cluster_id)
        self.wait(cluster_id, "DESTROYED")
        return cluster_id
