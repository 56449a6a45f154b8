"""`make drill-restore`: the database is lost and restored from a backup of five minutes ago.

The drill of docs/runbooks/database-restore.md: what was kept, what the restored state does by itself, and what is found
again and destroyed by hand. The minutes are seconds here.
"""

import signal
import subprocess
import sys
import time
import uuid
from typing import Any

from ocpctl_local.claims import PATIENCE, Claims, console, run_checked
from ocpctl_local.client import GUIDE_REQUEST, Answer, Client
from ocpctl_local.drills import by_hand, database, installers
from ocpctl_local.moto import inventory
from ocpctl_local.settings import ROOT, UNLIMITED, LeaseTimes, StackSettings

FOLDER = ROOT / ".local" / "drill-restore"
TIMES = LeaseTimes(orphans=4)
KEPT, AMID, GONE = "drill-kept", "drill-amid", "drill-gone"  # known to the backup
LOST, LATE = "drill-lost", "drill-late"  # made after it
AWAY = 503
KEYS = {name: str(uuid.uuid4()) for name in (KEPT, AMID, GONE, LOST, LATE)}


def main() -> None:
    """Runs the drill."""
    run_checked(StackSettings(folder=FOLDER, times=TIMES, limits=UNLIMITED, with_a_role=(1, 2)), tell)


def tell(claims: Claims, wait: float = TIMES.trust + TIMES.kill) -> None:
    """The bad day, hour by hour. `wait`: seconds until every runner has ended its installers. Raises NotTrue."""
    ids = _before(claims)
    backup = database.back_up(claims.stack, claims.stack.folder / "backup.dump")
    console.print("[bold]backup[/] it knows two READY clusters, and one whose install goes on")
    _after(claims, ids)
    _disaster(claims, wait)
    database.restore(claims.stack, backup)
    claims.stack.replace("scheduler")
    console.print("[bold]restored[/] the scheduler has been started again")
    _what_is_true(claims, ids)
    _found_again(claims)
    _end(claims, ids)


def _create(claims: Claims, name: str) -> str:
    answer = claims.client.create(GUIDE_REQUEST | {"name": name}, KEYS[name])
    claims.claim(f"{name} is accepted", answer.status == 202, answer)  # noqa: PLR2004
    return str(answer.body["clusterId"])


def _before(claims: Claims) -> dict[str, str]:
    console.print("[bold]before[/]")
    installers.hold(claims.stack, AMID)
    ids = {name: _create(claims, name) for name in (KEPT, GONE, AMID)}
    for name in (KEPT, GONE):
        claims.client.wait(ids[name], "READY", PATIENCE)
    installers.wait_until_held(claims.stack, AMID)
    return ids


def _after(claims: Claims, ids: dict[str, str]) -> None:
    console.print("[bold]five minutes go by[/]")
    installers.release(claims.stack, AMID)
    claims.client.destroy(ids[GONE])
    installers.hold(claims.stack, LATE)
    ids |= {name: _create(claims, name) for name in (LOST, LATE)}
    for name, status in ((AMID, "READY"), (GONE, "DESTROYED"), (LOST, "READY")):
        claims.client.wait(ids[name], status, PATIENCE)
        claims.claim(f"{name} is {status}", holds=True)
    installers.wait_until_held(claims.stack, LATE)


def _disaster(claims: Claims, wait: float) -> None:
    """First nobody may be told anything that the restored database will not know."""
    console.print("[bold]the database is lost[/] the scheduler stays away for trust + kill")
    claims.stack.kill("scheduler", signal.SIGSTOP)
    database.lose(claims.stack)
    time.sleep(wait)
    claims.claim("runners have ended their installers", not installers.at_work(claims.stack, LATE))


def _what_is_true(claims: Claims, ids: dict[str, str]) -> None:
    client = claims.client
    client.wait(ids[KEPT], "READY", PATIENCE)
    claims.claim(f"{KEPT} is READY", holds=True)
    outputs = _answered(client, f"/clusters/{ids[KEPT]}/outputs")
    claims.claim("and its outputs can be read", outputs.status == 200, outputs)  # noqa: PLR2004
    for name in (LOST, LATE):
        answer = _answered(client, f"/clusters/{ids[name]}")
        claims.claim(f"{name} is unknown", answer.status == 404, answer)  # noqa: PLR2004
    client.wait(ids[AMID], "READY", PATIENCE)
    first, *_ = _attempts(claims, ids[AMID])
    claims.claim(f"{AMID} was destroyed and made anew: its install was the backup's last word", first == "VERIFIED")
    claims.claim("the audit's chains are whole", _audit_is_whole(claims))


def _answered(client: Client, path: str) -> Answer:
    """Connections to the lost database end with 503 and RetryInfo, each once: asked again, as a client should."""
    deadline = time.monotonic() + PATIENCE
    while (answer := client.call("GET", path)).status == AWAY and time.monotonic() < deadline:
        time.sleep(int(answer.headers["retry-after"]))
    return answer


def _attempts(claims: Claims, cluster_id: str) -> list[str]:
    rows = database.rows(claims.stack, "SELECT cleanup FROM attempts WHERE cluster_id = %s ORDER BY fence", cluster_id)
    return [str(row[0]) for row in rows]


def _audit_is_whole(claims: Claims) -> bool:
    command = (sys.executable, "-m", "ocpctl_common.audit", "verify", "--database", claims.stack.urls["database"])
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _found_again(claims: Claims) -> None:
    """By tag; then destroyed by hand, as the runbook says it."""
    console.print("[bold]what the backup does not know[/] GET /api/v1/admin/orphans")
    infra_ids = _orphans(claims)
    claims.claim("both are found by their tags", {*infra_ids} == {LOST, LATE}, infra_ids)
    for name, infra_id in infra_ids.items():
        by_hand.destroy(claims.stack, name, infra_id)
        left = inventory.owned(claims.stack, name)
        claims.claim(f"{name}, destroyed by hand, leaves 0 resources", not left, left)


def _orphans(claims: Claims) -> dict[str, str]:
    """Infra ids by the names of their clusters, when the search has seen both."""
    admin, found = Client(claims.stack, "admin"), dict[str, str]()
    deadline = time.monotonic() + PATIENCE
    while len(found) < len((LOST, LATE)) and time.monotonic() < deadline:
        listed: list[dict[str, Any]] = admin.call("GET", "/admin/orphans?pageSize=100").body["orphans"]
        found = {one["infraId"].rpartition("-")[0]: one["infraId"] for one in listed if one["infraId"]}
        time.sleep(1)
    return found


def _end(claims: Claims, ids: dict[str, str]) -> None:
    console.print("[bold]afterwards[/]")
    ids[LOST] = _create(claims, LOST)
    claims.client.wait(ids[LOST], "READY", PATIENCE)
    claims.claim(f"{LOST}, asked for again with its old key, is READY", holds=True)
    for name in (KEPT, AMID, GONE, LOST):
        claims.client.destroy(ids[name])
    for name in (KEPT, AMID, GONE, LOST):
        claims.client.wait(ids[name], "DESTROYED", PATIENCE)
        left = inventory.owned(claims.stack, name)
        claims.claim(f"{name} is DESTROYED and leaves 0 resources", not left, left)
    states = Client(claims.stack, "admin").call("GET", "/admin/states-without-owner").body
    claims.claim("no state is without an owner", not states.get("states"), states)


if __name__ == "__main__":
    main()
