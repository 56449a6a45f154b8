"""The installer prints every secret in many encodings; none of them reaches the database, a log or an S3 log."""

import psycopg
from ocpctl_common.telemetry.redaction import MASK
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack

from tests.oracle.checks import no_secret_anywhere
from tests.oracle.evidence import Evidence
from tests.waiting import wait_for


def test_no_secret_in_any_sink(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-secrets"}).body["clusterId"]
    client.wait(cluster_id, "READY")
    evidence = Evidence(stack=stack, journal=stack.folder / "journal.jsonl")
    assert list(no_secret_anywhere(evidence)) == []
    found = dict(evidence.sinks())
    own = (text for name, text in found.items() if cluster_id in name and name.endswith("install.log"))
    assert next(own).count(MASK) > 40, "the control: the secrets were printed, and masked"
    assert {"api-gateway.log", "attempts"} <= set(found)
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")


def test_the_work_directories_are_gone(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-workdir"}).body["clusterId"]
    client.wait(cluster_id, "READY")
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    with psycopg.connect(stack.urls["database"]) as connection:
        rows = connection.execute("SELECT id FROM attempts WHERE cluster_id = %s", [cluster_id]).fetchall()
    own = {row[0] for row in rows}
    assert own
    wait_for(lambda: not own & {path.name for path in (stack.folder / "work").glob("*/*")}, seconds=10)
