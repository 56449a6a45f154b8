"""Forty calls at once with one key, through Envoy: one effect, one body, and who was replayed is told."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.stack import Stack

from tests.e2e.test_bad_input import check_shape
from tests.e2e.wire import error_of
from tests.faults.driver import Driver

AT_ONCE = 40
REPLAYED = "idempotent-replayed"
ERROR, AWAY = 300, 503
AGAIN = {409: "REQUEST_IN_PROGRESS", AWAY: "UNAVAILABLE"}


def forty(ask: Callable[[], Answer]) -> dict[str, Any]:
    """The one body of forty callers at once; each asks again while it is told to (409 in progress, 503 overload)."""
    barrier = threading.Barrier(AT_ONCE)
    unanswered: list[Answer] = []

    def one(number: int) -> Answer:
        barrier.wait()
        while (answer := ask()).status >= ERROR:
            check_shape(answer, answer.status, AGAIN[answer.status])
            unanswered.append(answer)
        return answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(one, range(AT_ONCE)))
    assert all((answer.status, answer.body) == (answers[0].status, answers[0].body) for answer in answers)
    assert {answer.headers.get(REPLAYED) for answer in answers} <= {None, "true"}
    first = [answer for answer in answers if REPLAYED not in answer.headers]
    assert len(first) == 1 or (not first and any(answer.status == AWAY for answer in unanswered))
    return dict(answers[0].body)


def count(stack: Stack, statement: str, *parameters: str) -> int:
    with psycopg.connect(stack.urls["database"]) as connection:
        row = connection.execute(statement, parameters).fetchone()
    return int(row[0]) if row else 0


def jobs(stack: Stack, cluster_id: str, kind: str) -> int:
    return count(stack, "SELECT count(*) FROM jobs WHERE cluster_id = %s AND job_type = %s", cluster_id, kind)


def test_each_change_happens_once(stack: Stack, client: Client) -> None:
    body = GUIDE_REQUEST | {"name": "e2e-once"}
    cluster_id = forty(lambda: client.create(body, "once-create"))["clusterId"]
    assert count(stack, "SELECT count(*) FROM clusters WHERE name = %s", "e2e-once") == 1
    check_shape(client.create(body | {"ttlHours": 5}, "once-create"), 422, "IDEMPOTENCY_KEY_REUSED")
    client.wait(cluster_id, "READY")
    path = f"/clusters/{cluster_id}"
    before = client.call("GET", path).body["ttlHours"]
    extended = forty(lambda: client.call("POST", f"{path}/extend", {"hours": 2}, "once-extend"))
    assert (extended["ttlHours"], client.call("GET", path).body["ttlHours"]) == (before + 2, before + 2)
    forty(lambda: client.call("POST", f"{path}/scale-workers", {"workerReplicas": 1}, "once-scale"))
    check_shape(
        client.call("POST", f"{path}/scale-workers", {"workerReplicas": 2}, "once-scale"), 422, "IDEMPOTENCY_KEY_REUSED"
    )
    assert client.wait(cluster_id, "READY")["workerReplicas"] == 1
    forty(lambda: client.call("POST", f"{path}/destroy", key="once-destroy"))
    assert (jobs(stack, cluster_id, "SCALE_WORKERS"), jobs(stack, cluster_id, "DESTROY")) == (1, 1)
    client.wait(cluster_id, "DESTROYED")


def test_so_do_a_cancel_and_a_retry(stack: Stack, client: Client) -> None:
    Driver(stack).knobs("e2e-once-cancel", time_scale=6.0)
    Driver(stack).knobs("e2e-once-retry", fail_stage="network", fail_class="QUOTA", time_scale=0.3)
    names = ("e2e-once-cancel", "e2e-once-retry")
    cancelled, failed = (client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"] for name in names)
    forty(lambda: client.call("POST", f"/clusters/{cancelled}/cancel", key="once-cancel"))
    client.wait(failed, "FAILED")
    admin = Client(stack, "admin")
    forty(lambda: admin.call("POST", f"/admin/clusters/{failed}/retry-destroy", key="once-retry"))
    for cluster_id in (cancelled, failed):
        client.wait(cluster_id, "DESTROYED", 120)
        assert jobs(stack, cluster_id, "DESTROY") == 1


def test_a_check_does_not_use_the_key_up(client: Client) -> None:
    body = GUIDE_REQUEST | {"name": "e2e-checked"}
    for _ in range(2):
        checked = client.create(body | {"validateOnly": True}, "checked")
        assert (checked.status, checked.body["clusterId"]) == (200, "")
        assert REPLAYED not in checked.headers
    created = client.create(body, "checked")
    assert (created.status, REPLAYED in created.headers) == (202, False)
    assert error_of(client.create(body | {"validateOnly": True})) == (409, "NAME_TAKEN"), "it needs no key either"
    client.destroy(created.body["clusterId"])
