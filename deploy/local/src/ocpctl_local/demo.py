"""`make demo`: the whole product on this machine, every claim checked; ends with 1 at the first that is not true."""

import argparse
import uuid

import psycopg
import urllib3
import yaml

from ocpctl_local.claims import PATIENCE, Claims, console, run_checked
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.moto import inventory
from ocpctl_local.settings import ROOT, UNLIMITED, StackSettings
from ocpctl_local.stack import IMAGES, add_from

FOLDER = ROOT / ".local" / "demo"


def main() -> None:
    """Runs the demo on a stack of its own."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    add_from(parser)
    from_images = parser.parse_args().source == IMAGES
    run_checked(StackSettings(folder=FOLDER, limits=UNLIMITED, with_a_role=(1, 2), from_images=from_images), tell)


def tell(claims: Claims) -> None:
    """The story, chapter by chapter."""
    key = str(uuid.uuid4())
    cluster_id = create(claims, key)
    hand_over(claims, cluster_id)
    repeat(claims, cluster_id, key)
    destroy(claims, cluster_id)
    janitor_alone(claims)


def create(claims: Claims, key: str) -> str:
    """The guide's own request; returns the cluster's id."""
    console.print("[bold]create[/] POST /api/v1/clusters")
    answer = claims.client.create(GUIDE_REQUEST, key)
    claims.claim("a create is accepted with 202", answer.status == 202, answer)  # noqa: PLR2004
    cluster_id: str = answer.body["clusterId"]
    cluster = claims.show(cluster_id)
    claims.claim("the cluster becomes READY", cluster["status"] == "READY", cluster)
    return cluster_id


def hand_over(claims: Claims, cluster_id: str) -> None:
    """What the owner gets."""
    console.print("[bold]hand over[/] GET /api/v1/clusters/{id}/outputs")
    outputs = claims.client.call("GET", f"/clusters/{cluster_id}/outputs").body
    for name in ("apiUrl", "consoleUrl", "kubeadminPasswordRef"):
        console.print(f"    {name:<21} {outputs[name]}")
    download = urllib3.request("GET", outputs["kubeconfigDownloadUrl"])
    server = yaml.safe_load(download.data)["clusters"][0]["cluster"]["server"]
    claims.claim("the presigned URL gives the kubeconfig of this cluster", server == outputs["apiUrl"], server)
    count = len(inventory.owned(claims.stack, GUIDE_REQUEST["name"]))
    claims.claim(f"the AWS endpoint holds {count} resources of the cluster", count > 0)


def repeat(claims: Claims, cluster_id: str, key: str) -> None:
    """The same request with the same key."""
    console.print("[bold]repeat[/] the same create with the same Idempotency-Key")
    again = claims.client.create(GUIDE_REQUEST, key)
    replayed = again.headers.get("idempotent-replayed") == "true"
    claims.claim("the answer is the first one, replayed", again.body["clusterId"] == cluster_id and replayed, again)
    clusters = claims.client.call("GET", f"/clusters?name={GUIDE_REQUEST['name']}").body["clusters"]
    claims.claim("there is one cluster", len(clusters) == 1, clusters)


def destroy(claims: Claims, cluster_id: str) -> None:
    """On request, proven."""
    console.print("[bold]destroy[/] POST /api/v1/clusters/{id}/destroy")
    answer = claims.client.destroy(cluster_id)
    claims.claim("a destroy is accepted with 202", answer.status == 202, answer)  # noqa: PLR2004
    cluster = claims.show(cluster_id)
    claims.claim("the cluster becomes DESTROYED", cluster["status"] == "DESTROYED", cluster)
    prove_gone(claims, cluster_id, GUIDE_REQUEST["name"])


def prove_gone(claims: Claims, cluster_id: str, name: str) -> None:
    """Receipt and independent count."""
    receipt = claims.client.call("GET", f"/clusters/{cluster_id}/receipt").body
    checks = receipt["attempts"][0]["checks"]
    types = len(checks[0]["found"])
    console.print(
        f"    receipt: {len(checks)} checks of {types} types in account {receipt['attempts'][0]['accountId']}"
    )
    empty = all(not any(check["found"].values()) for check in checks)
    claims.claim("the receipt has two checks that found nothing", empty and len(checks) >= 2, receipt)  # noqa: PLR2004
    left = inventory.owned(claims.stack, name)
    claims.claim("the AWS endpoint holds 0 resources of the cluster", not left, left)


def janitor_alone(claims: Claims) -> None:
    """A cluster whose time ends is collected without a request."""
    console.print("[bold]time to live[/] a second cluster; its destroy_at is moved to now with SQL")
    name = "team-a-test-02"
    cluster_id = claims.client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"]
    claims.claim("a second cluster becomes READY", claims.show(cluster_id)["status"] == "READY")
    with psycopg.connect(claims.stack.urls["database"]) as connection:
        connection.execute("UPDATE clusters SET destroy_at = now() WHERE id = %s", [cluster_id])
    claims.client.wait(cluster_id, "DESTROYED", PATIENCE)
    cluster = claims.client.call("GET", f"/clusters/{cluster_id}").body
    by_janitor = cluster["currentJob"]["type"] == "JANITOR_DESTROY"
    claims.claim("the janitor alone had it destroyed", by_janitor, cluster)
    prove_gone(claims, cluster_id, name)


if __name__ == "__main__":
    main()
