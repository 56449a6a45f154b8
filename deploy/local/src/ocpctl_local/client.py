"""A plain REST client for the demo, the tests and the benchmarks, as a stranger would write it."""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from ocpctl_local.stack import Stack

GUIDE_REQUEST: dict[str, Any] = {
    "name": "team-a-test-01",
    "platform": "aws",
    "version": "4.20.3",
    "profile": "aws-minimal-test",
    "region": "us-east-1",
    "baseDomain": "labs.example.com",
    "owner": "user@example.com",
    "team": "team-a",
    "costCenter": "sandbox",
    "ttlHours": 24,
}
POLL_SECONDS = 0.25
END_STATES = ("READY", "FAILED", "DESTROYED")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and JSON body."""

    status: int
    headers: dict[str, str]
    body: Any


class Client:
    """Calls as one principal."""

    def __init__(self, stack: Stack, principal: str = "requester", token: str | None = None) -> None:
        self._url = stack.url
        self._token = stack.token(principal) if token is None else token
        self._http = urllib3.PoolManager(retries=False, timeout=30)

    def call(
        self, method: str, path: str, body: Any = None, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One call; `body` is sent as JSON, or as it is when it is bytes."""
        headers = {**({"authorization": f"Bearer {self._token}"} if self._token else {}), **(headers or {})}
        if key is not None:
            headers["idempotency-key"] = key
        content = {"body": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        if isinstance(body, bytes):
            headers["content-type"] = "application/json"
        answer = self._http.request(method, f"{self._url}/api/v1{path}", headers=headers, **content)
        lower = {name.lower(): value for name, value in answer.headers.items()}
        is_json = lower.get("content-type", "").startswith("application/json")
        return Answer(answer.status, lower, answer.json() if is_json and answer.data else answer.data)

    def create(self, body: Any, key: str | None = None) -> Answer:
        """POST /clusters with a fresh key unless one is given."""
        return self.call("POST", "/clusters", body, key or str(uuid.uuid4()))

    def destroy(self, cluster_id: str) -> Answer:
        """POST /clusters/{id}/destroy."""
        return self.call("POST", f"/clusters/{cluster_id}/destroy", key=str(uuid.uuid4()))

    def watch(self, cluster_id: str, seconds: float) -> Iterator[dict[str, Any]]:
        """The cluster whenever its status or stage has changed, until it is READY, FAILED or DESTROYED."""
        deadline = time.monotonic() + seconds
        last: tuple[Any, ...] = ()
        while time.monotonic() < deadline:
            cluster = self.call("GET", f"/clusters/{cluster_id}").body
            now = (cluster.get("status"), cluster.get("stage"), cluster.get("progressPercent"))
            if now != last:
                last = now
                yield cluster
            if cluster.get("status") in END_STATES:
                return
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"{cluster_id} is still {last} after {seconds:.0f} s")

    def wait(self, cluster_id: str, status: str, seconds: float = 90) -> dict[str, Any]:
        """The cluster when it has reached `status`. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            cluster: dict[str, Any] = self.call("GET", f"/clusters/{cluster_id}").body
            if cluster.get("status") == status:
                return cluster
            if time.monotonic() > deadline:
                raise TimeoutError(f"{cluster_id} did not become {status}: {cluster}")
            time.sleep(POLL_SECONDS)
