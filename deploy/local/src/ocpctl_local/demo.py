"""`make demo`: the whole product on this machine, every claim checked; ends with 1 at the first that is not true."""

import argparse
import json
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
NAME = GUIDE_REQUEST["name"]


def main() -> None:
    """Runs the demo on a stack of its own."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    add_from(parser)
    from_images = parser.parse_args().source == IMAGES
    run_checked(StackSettings(folder=FOLDER, limits=UNLIMITED, with_a_role=(1, 2), from_images=from_images), tell)


def tell(claims: Claims) -> None:
    """The story, chapter by chapter."""
    claims.typed("login", "--profile", "requester")
    cluster_id = create(claims)
    hand_over(claims, cluster_id)
    destroy(claims, cluster_id)
    repeat_and_wait(claims)


def create(claims: Claims) -> str:
    """The guide's own request; returns the cluster's id."""
    console.print("[bold]create[/]")
    words = ("--owner", GUIDE_REQUEST["owner"], "--cost-center", GUIDE_REQUEST["costCenter"], "--ttl", "24h")
    cluster_id = claims.typed("create", NAME, "-p", GUIDE_REQUEST["profile"], *words, "--watch")
    cluster = claims.client.call("GET", f"/clusters/{cluster_id}").body
    claims.claim("the cluster becomes READY", cluster["status"] == "READY", cluster)
    asked = {key: cluster[key] for key in GUIDE_REQUEST}
    claims.claim("it is what the guide's request asks for", asked == GUIDE_REQUEST, asked)
    return cluster_id


def hand_over(claims: Claims, cluster_id: str) -> None:
    """What the owner gets."""
    console.print("[bold]hand over[/]")
    outputs = claims.client.call("GET", f"/clusters/{cluster_id}/outputs").body
    for name in ("apiUrl", "consoleUrl", "kubeadminPasswordRef"):
        console.print(f"    {name:<21} {outputs[name]}")
    kubeconfigs = (claims.typed("kubeconfig", NAME), urllib3.request("GET", outputs["kubeconfigDownloadUrl"]).data)
    servers = {yaml.safe_load(text)["clusters"][0]["cluster"]["server"] for text in kubeconfigs}
    claims.claim("the kubeconfig is this cluster's, also by its presigned URL", servers == {outputs["apiUrl"]}, servers)
    count = len(inventory.owned(claims.stack, NAME))
    claims.claim(f"the AWS endpoint holds {count} resources of the cluster", count > 0)


def destroy(claims: Claims, cluster_id: str) -> None:
    """On request, proven."""
    console.print("[bold]destroy[/]")
    claims.typed("destroy", NAME, "--yes", "--watch")
    cluster = claims.client.call("GET", f"/clusters/{cluster_id}").body
    claims.claim("the cluster becomes DESTROYED", cluster["status"] == "DESTROYED", cluster)
    prove_gone(claims, cluster_id, NAME)


def prove_gone(claims: Claims, cluster_id: str, name: str) -> None:
    """Receipt and independent count."""
    receipt = json.loads(claims.typed("receipt", cluster_id, "-o", "json"))
    checks = receipt["attempts"][0]["checks"]
    types = len(checks[0]["found"])
    console.print(
        f"    receipt: {len(checks)} checks of {types} types in account {receipt['attempts'][0]['accountId']}"
    )
    empty = all(not any(check["found"].values()) for check in checks)
    claims.claim("the receipt has two checks that found nothing", empty and len(checks) >= 2, receipt)  # noqa: PLR2004
    left = inventory.owned(claims.stack, name)
    claims.claim("the AWS endpoint holds 0 resources of the cluster", not left, left)


def repeat_and_wait(claims: Claims) -> None:
    """One request that comes twice makes one cluster; when its time ends it is collected without a request."""
    console.print("[bold]repeat[/] POST /api/v1/clusters, twice with the same Idempotency-Key")
    request, key = GUIDE_REQUEST | {"name": "team-a-test-02"}, str(uuid.uuid4())
    first, again = claims.client.create(request, key), claims.client.create(request, key)
    claims.claim("a create is accepted with 202", first.status == 202, first)  # noqa: PLR2004
    cluster_id = str(first.body["clusterId"])
    replayed = again.headers.get("idempotent-replayed") == "true"
    claims.claim("the second answer is the first one, replayed", again.body == first.body and replayed, again)
    clusters = claims.client.call("GET", f"/clusters?name={request['name']}").body["clusters"]
    claims.claim("there is one cluster", len(clusters) == 1, clusters)
    claims.claim("it becomes READY", claims.show(cluster_id)["status"] == "READY")
    janitor_alone(claims, cluster_id)


def janitor_alone(claims: Claims, cluster_id: str) -> None:
    """Nobody asks for its end."""
    console.print("[bold]time to live[/] its destroy_at is moved to now with SQL")
    with psycopg.connect(claims.stack.urls["database"]) as connection:
        connection.execute("UPDATE clusters SET destroy_at = now() WHERE id = %s", [cluster_id])
    claims.client.wait(cluster_id, "DESTROYED", PATIENCE)
    cluster = claims.client.call("GET", f"/clusters/{cluster_id}").body
    by_janitor = cluster["currentJob"]["type"] == "JANITOR_DESTROY"
    claims.claim("the janitor alone had it destroyed", by_janitor, cluster)
    prove_gone(claims, cluster_id, cluster["name"])


if __name__ == "__main__":
    main()
