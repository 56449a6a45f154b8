"""A longer time to live: within the profile's limits, once for a key, and only while there is something to extend."""

from datetime import datetime, timedelta

import psycopg
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack

from tests.e2e.test_bad_input import check_shape


def test_a_cluster_is_extended(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-longer"}).body["clusterId"]
    path = f"/clusters/{cluster_id}/extend"
    before = client.call("GET", f"/clusters/{cluster_id}").body
    first = client.call("POST", path, {"hours": 10}, "longer-1")
    assert (first.status, first.body["ttlHours"]) == (200, before["ttlHours"] + 10)
    again = client.call("POST", path, {"hours": 10}, "longer-1")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    check_shape(client.call("POST", path, {"hours": 11}, "longer-1"), 422, "IDEMPOTENCY_KEY_REUSED")
    after = client.call("GET", f"/clusters/{cluster_id}").body
    gained = datetime.fromisoformat(after["destroyAt"]) - datetime.fromisoformat(before["destroyAt"])
    assert (after["destroyAt"], gained) == (first.body["destroyAt"], timedelta(hours=10))
    with psycopg.connect(stack.urls["database"]) as connection:
        statement = "SELECT count(*) FROM audit_events WHERE target_cluster_id = %s AND action = 'EXTENDED'"
        assert connection.execute(statement, [cluster_id]).fetchone() == (1,)
    rest = 72 - first.body["ttlHours"]
    limit = client.call("POST", path, {"hours": rest}, "longer-most")
    assert limit.body["ttlHours"] == 72
    again = client.call("POST", path, {"hours": rest}, "longer-most")
    assert (again.status, again.body) == (200, limit.body), "a repeated call is not measured by today's limit"
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    check_shape(client.call("POST", path, {"hours": 1}, "longer-2"), 409, "WRONG_STATE")


def test_what_is_refused(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-too-long"}).body["clusterId"]
    path = f"/clusters/{cluster_id}/extend"
    assert "72" in check_shape(client.call("POST", path, {"hours": 60}, "long-1"), 422, "POLICY_REFUSED")["hours"]
    assert "hours" in check_shape(client.call("POST", path, {}, "long-2"), 400, "INVALID_REQUEST")
    assert "minutes" in check_shape(client.call("POST", path, {"minutes": 5}, "long-3"), 400, "INVALID_REQUEST")
    check_shape(client.call("POST", path, {"hours": 1}), 400, "INVALID_REQUEST")
    check_shape(Client(stack, "auditor").call("POST", path, {"hours": 1}, "long-4"), 403, "NOT_PERMITTED")
    client.destroy(cluster_id)
