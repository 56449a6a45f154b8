"""A client as it should be in bad times: one key a request, asked until there is an answer; it remembers answers."""

import json
import threading
import time
import uuid
from typing import Any

import psycopg
import urllib3
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.settings import LeaseTimes
from ocpctl_local.stack import Stack

from tests.database_connection import open_connection
from tests.oracle.evidence import Accepted
from tests.waiting import moment, slowed, slowness

# The protocol's times scaled by 1/100; every inequality holds, and an install takes longer than lease + quarantine.
FAULT_TIMES = slowed(
    LeaseTimes(
        lease=3,
        heartbeat=0.3,
        trust=1.6,
        kill=0.8,
        quarantine=0.6,
        teardown_interval=0.3,
        sweep=0.8,
        backoff_unit=0.2,
        silence=4,
        claim=2,
        relay_claim=3,
        stall=2,
        stop=2,
    )
)
TIME_SCALE = 0.4 * slowness()
PATIENCE = 90.0  # without anything that moves
RETRY = (409, 429, 503)
STATE = """
SELECT status, (SELECT count(*) FROM cluster_events WHERE cluster_id = clusters.id) FROM clusters WHERE id = %s
"""


class Driver:
    """Creates and destroys; `accepted` holds every create that was answered with 2xx. Thread-safe."""

    def __init__(self, stack: Stack, *, patience: float = PATIENCE, poll_seconds: float = 0.25) -> None:
        self.stack = stack
        stack.token("requester")  # while everything works; later it is renewed when it can be
        self._patience = patience
        self._poll_seconds = poll_seconds
        self.accepted: list[Accepted] = []
        self.read: dict[tuple[str, str], str] = {}  # for the evidence of its tests
        self.refused: list[Answer] = []  # what a client was told meanwhile
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

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
        give_up = moment(self._patience)
        while True:
            try:
                answer = client.call("POST", path, body, key)
                if answer.status < 300:
                    return answer
                assert answer.status in RETRY, answer
                self.refused.append(answer)
            except urllib3.exceptions.HTTPError:
                pass  # no answer at all; asked again below
            assert time.monotonic() < give_up, f"POST {path} was never accepted"
            time.sleep(0.2)

    def wait(self, cluster_id: str, *statuses: str, seconds: float | None = None) -> dict[str, Any]:
        """The cluster in one of `statuses`; a front door that is away is waited for, and one that moves, too.

        It is asked when the database, which is cheaper to ask, says that it has something to tell.
        """
        client, patience = Client(self.stack), seconds or self._patience
        known, give_up = self._known(cluster_id), moment(patience)
        while time.monotonic() < give_up:
            try:
                if not known or known[0][0] in statuses:
                    answer = client.call("GET", f"/clusters/{cluster_id}")
                    cluster = answer.body
                    if answer.status == 200 and cluster["status"] in statuses:
                        return dict(cluster)
            except urllib3.exceptions.HTTPError:
                pass  # away; the loop is the answer
            time.sleep(self._poll_seconds)
            before, known = known, self._known(cluster_id)
            give_up = give_up if known == before else moment(patience)
        cluster = client.call("GET", f"/clusters/{cluster_id}").body
        raise TimeoutError(f"{cluster_id} did not become {statuses}: {cluster}")

    def _known(self, cluster_id: str) -> list[tuple[Any, ...]]:
        """Its status and how much has happened to it; nothing when the database is away."""
        try:
            return self.sql(STATE, cluster_id)
        except psycopg.Error:
            return []  # the front door knows no more, but that it answers at all is worth a question

    def life(self, name: str) -> str:
        """A whole life, from request to receipt."""
        cluster_id = self.create(name)
        self.wait(cluster_id, "READY")
        self.destroy(cluster_id)
        self.wait(cluster_id, "DESTROYED")
        return cluster_id

    def job(self, cluster_id: str) -> dict[str, Any]:
        """The cluster's current job."""
        return dict(Client(self.stack).call("GET", f"/clusters/{cluster_id}").body["currentJob"])

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Looks into the database, or hurts it, as its superuser."""
        with self._asking:
            try:
                return self._ask(statement, parameters)
            except psycopg.OperationalError:
                self._connection = None  # it was started again since
                return self._ask(statement, parameters)

    def _ask(self, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = open_connection(self, self.stack.urls["database"])
        cursor = self._connection.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def attempts(self, cluster_id: str) -> list[tuple[str, str | None, str]]:
        """Id, outcome and clean-up of each attempt to install."""
        statement = (
            "SELECT id, outcome, cleanup FROM attempts WHERE cluster_id = %s AND mode = 'INSTALL' ORDER BY fence"
        )
        return [(str(row[0]), row[1], str(row[2])) for row in self.sql(statement, cluster_id)]

    def operations(self, name: str) -> list[str]:
        """What the installer's journal tells of a cluster, in order."""
        journal = self.stack.folder / "journal.jsonl"
        records = map(json.loads, journal.read_text().splitlines()) if journal.exists() else ()
        return [record["operation"] for record in records if record["cluster"] == name]

    def knobs(self, name: str, **knobs: Any) -> None:
        """The simulated installer's behaviour for one cluster; none: as all others."""
        self.stack.knobs(name, **knobs)
