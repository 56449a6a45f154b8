"""`make demo`: the whole product on this machine, every claim checked; ends with 1 at the first that is not true."""

import argparse
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import psycopg
import urllib3
import yaml
from rich.console import Console
from rich.table import Table

from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.moto import inventory
from ocpctl_local.processes.children import StackFailed
from ocpctl_local.settings import ROOT, UNLIMITED, StackSettings
from ocpctl_local.stack import IMAGES, Stack, add_from, running_stack
from ocpctl_local.state import FolderInUse

FOLDER = ROOT / ".local" / "demo"
PATIENCE = 60.0

console = Console(highlight=False, emoji=False, soft_wrap=True)


class NotTrue(Exception):
    """A claim of the product does not hold."""


@dataclass(slots=True)
class Demo:
    """The claims that were checked so far, each with the seconds it took."""

    stack: Stack
    client: Client
    checked: list[tuple[str, float]] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    def claim(self, sentence: str, holds: object, evidence: object = "") -> None:
        """Prints and remembers a claim. Raises NotTrue."""
        if not holds:
            raise NotTrue(f"{sentence}: {evidence}")
        now = time.monotonic()
        self.checked.append((sentence, now - self._since))
        self._since = now
        console.print(f"  [green]✓[/] {sentence}")

    def show(self, cluster_id: str) -> dict[str, Any]:
        """Prints the stages of a cluster until it comes to an end; returns it."""
        cluster: dict[str, Any] = {}
        for cluster in self.client.watch(cluster_id, PATIENCE):
            console.print(f"    {cluster['status']:<11} {cluster['progressPercent']:>3} %  {cluster['stage']}")
        return cluster


def main() -> None:
    """Runs the demo on a stack of its own."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    add_from(parser)
    from_images = parser.parse_args().source == IMAGES
    began = time.monotonic()
    console.print("[bold]starting the stack[/]")
    try:
        settings = StackSettings(folder=FOLDER, limits=UNLIMITED, with_a_role=(1, 2), from_images=from_images)
        with running_stack(settings, verbose=True) as stack:
            demo = Demo(stack, Client(stack))
            tell(demo)
    except (NotTrue, StackFailed, FolderInUse, TimeoutError) as error:
        console.print(f"[red]not true:[/] {error}\nlogs: {FOLDER / 'logs'}")
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
        sys.exit(130)
    summary(demo, time.monotonic() - began)


def tell(demo: Demo) -> None:
    """The story, chapter by chapter."""
    key = str(uuid.uuid4())
    cluster_id = create(demo, key)
    hand_over(demo, cluster_id)
    repeat(demo, cluster_id, key)
    destroy(demo, cluster_id)
    janitor_alone(demo)


def create(demo: Demo, key: str) -> str:
    """The guide's own request; returns the cluster's id."""
    console.print("[bold]create[/] POST /api/v1/clusters")
    answer = demo.client.create(GUIDE_REQUEST, key)
    demo.claim("a create is accepted with 202", answer.status == 202, answer)  # noqa: PLR2004
    cluster_id: str = answer.body["clusterId"]
    cluster = demo.show(cluster_id)
    demo.claim("the cluster becomes READY", cluster["status"] == "READY", cluster)
    return cluster_id


def hand_over(demo: Demo, cluster_id: str) -> None:
    """What the owner gets."""
    console.print("[bold]hand over[/] GET /api/v1/clusters/{id}/outputs")
    outputs = demo.client.call("GET", f"/clusters/{cluster_id}/outputs").body
    for name in ("apiUrl", "consoleUrl", "kubeadminPasswordRef"):
        console.print(f"    {name:<21} {outputs[name]}")
    download = urllib3.request("GET", outputs["kubeconfigDownloadUrl"])
    server = yaml.safe_load(download.data)["clusters"][0]["cluster"]["server"]
    demo.claim("the presigned URL gives the kubeconfig of this cluster", server == outputs["apiUrl"], server)
    count = len(inventory.owned(demo.stack, GUIDE_REQUEST["name"]))
    demo.claim(f"the AWS endpoint holds {count} resources of the cluster", count > 0)


def repeat(demo: Demo, cluster_id: str, key: str) -> None:
    """The same request with the same key."""
    console.print("[bold]repeat[/] the same create with the same Idempotency-Key")
    again = demo.client.create(GUIDE_REQUEST, key)
    replayed = again.headers.get("idempotent-replayed") == "true"
    demo.claim("the answer is the first one, replayed", again.body["clusterId"] == cluster_id and replayed, again)
    clusters = demo.client.call("GET", f"/clusters?name={GUIDE_REQUEST['name']}").body["clusters"]
    demo.claim("there is one cluster", len(clusters) == 1, clusters)


def destroy(demo: Demo, cluster_id: str) -> None:
    """On request, proven."""
    console.print("[bold]destroy[/] POST /api/v1/clusters/{id}/destroy")
    answer = demo.client.destroy(cluster_id)
    demo.claim("a destroy is accepted with 202", answer.status == 202, answer)  # noqa: PLR2004
    cluster = demo.show(cluster_id)
    demo.claim("the cluster becomes DESTROYED", cluster["status"] == "DESTROYED", cluster)
    prove_gone(demo, cluster_id, GUIDE_REQUEST["name"])


def prove_gone(demo: Demo, cluster_id: str, name: str) -> None:
    """Receipt and independent count."""
    receipt = demo.client.call("GET", f"/clusters/{cluster_id}/receipt").body
    checks = receipt["attempts"][0]["checks"]
    types = len(checks[0]["found"])
    console.print(
        f"    receipt: {len(checks)} checks of {types} types in account {receipt['attempts'][0]['accountId']}"
    )
    empty = all(not any(check["found"].values()) for check in checks)
    demo.claim("the receipt has two checks that found nothing", empty and len(checks) >= 2, receipt)  # noqa: PLR2004
    left = inventory.owned(demo.stack, name)
    demo.claim("the AWS endpoint holds 0 resources of the cluster", not left, left)


def janitor_alone(demo: Demo) -> None:
    """A cluster whose time ends is collected without a request."""
    console.print("[bold]time to live[/] a second cluster; its destroy_at is moved to now with SQL")
    name = "team-a-test-02"
    cluster_id = demo.client.create(GUIDE_REQUEST | {"name": name}).body["clusterId"]
    demo.claim("a second cluster becomes READY", demo.show(cluster_id)["status"] == "READY")
    with psycopg.connect(demo.stack.urls["database"]) as connection:
        connection.execute("UPDATE clusters SET destroy_at = now() WHERE id = %s", [cluster_id])
    demo.client.wait(cluster_id, "DESTROYED", PATIENCE)
    cluster = demo.client.call("GET", f"/clusters/{cluster_id}").body
    by_janitor = cluster["currentJob"]["type"] == "JANITOR_DESTROY"
    demo.claim("the janitor alone had it destroyed", by_janitor, cluster)
    prove_gone(demo, cluster_id, name)


def summary(demo: Demo, seconds: float) -> None:
    """The table of what was checked."""
    table = Table("checked", "seconds", title="everything held")
    for sentence, took in demo.checked:
        table.add_row(sentence, f"{took:.1f}")
    console.print(table)
    console.print(f"all in {seconds:.0f} s")


if __name__ == "__main__":
    main()
