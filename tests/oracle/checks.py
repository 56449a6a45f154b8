"""The twelve checks. Each returns what is wrong; none believes the database where the world can be asked."""

import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ahocorasick import Automaton
from ocpctl_common.store.queries import invariants
from ocpctl_installer_runner.installer import process_tree

from tests.oracle.evidence import Evidence, Row, Violation, owner_of
from tests.oracle.processes import attempts_alive
from tests.waiting import moment

Check = Callable[[Evidence], Iterator[str]]


class Rows(Protocol):
    """Whatever answers questions to a database; the simulation has one of its own."""

    def rows(self, statement: str, *parameters: Any) -> Sequence[Row]:
        """The rows of an answer."""


ENDED = ("READY", "FAILED", "DESTROYED")
GRACE_SECONDS = 30.0


def no_overlap(evidence: Evidence) -> Iterator[str]:
    """1. No two attempts of one cluster are ever alive at the same time, by the installer's own journal."""
    ids = {row["id"]: row["cluster_id"] for row in evidence.rows("SELECT id, cluster_id FROM attempts")}
    for cluster, spans in _spans(evidence.records(), ids).items():
        for (first, (_, end)), (second, (begin, _)) in itertools.pairwise(spans):
            if begin <= end:
                seconds = (end - begin) / 1e9
                yield f"{cluster}: {second} began {seconds:.2f} s before the last sign of life of {first}"


def _spans(records: list[Row], clusters: Mapping[str, str]) -> Mapping[str, list[tuple[str, tuple[int, int]]]]:
    """For each cluster its attempts with first and last sign of life, by beginning. Names are used again: ids tell."""
    lives: dict[tuple[str, str], list[int]] = defaultdict(list)
    for record in records:
        cluster = f"{record['cluster']} {clusters.get(record['attempt'], '')}"
        lives[cluster, record["attempt"]].append(record["boottime_ns"])
    by_cluster: dict[str, list[tuple[str, tuple[int, int]]]] = defaultdict(list)
    for (cluster, attempt), times in sorted(lives.items(), key=lambda item: item[1][0]):
        by_cluster[cluster].append((attempt, (times[0], times[-1])))
    return by_cluster


def nothing_forgotten(evidence: Evidence) -> Iterator[str]:
    """2. Every create that was accepted has come to an end, and each idempotency key has one cluster."""
    status = {row["id"]: row for row in evidence.rows("SELECT id, name, status FROM clusters")}
    for accepted in evidence.accepted:
        row = status.get(accepted.cluster_id)
        if row is None or row["status"] not in ENDED:
            yield f"{accepted.name} ({accepted.cluster_id}) is {row['status'] if row else 'unknown'}"
    keys: dict[str, set[str]] = defaultdict(set)
    for accepted in evidence.accepted:
        keys[accepted.key].add(accepted.cluster_id)
    yield from (f"key {key} made {len(ids)} clusters" for key, ids in keys.items() if len(ids) > 1)
    promised = {accepted.cluster_id for accepted in evidence.accepted}
    if evidence.accepted:
        yield from (
            f"{row['name']} was never answered" for cluster_id, row in status.items() if cluster_id not in promised
        )


def authorised_first(evidence: Evidence) -> Iterator[str]:
    """3. Every infra id that ever created was authorised, with its metadata, before its first create call."""
    statement = "SELECT infra_id, extract(epoch FROM authorized_at)::float8 AS at, metadata FROM attempts"
    known = {row["infra_id"]: row for row in evidence.rows(statement) if row["infra_id"]}
    first: dict[str, int] = {}
    for record in evidence.records():
        if record["operation"] != "destroy":
            first.setdefault(record["infra_id"], record["wall_ns"])
    for infra_id, began in first.items():
        row = known.get(infra_id)
        if row is None or not row["metadata"]:
            yield f"{infra_id} created without authorisation"
        elif row["at"] > began / 1e9:
            yield f"{infra_id} created {row['at'] - began / 1e9:.3f} s before it was authorised"


def gone_is_gone(evidence: Evidence) -> Iterator[str]:
    """4. What is proven gone, by its infra id, has nothing left in the cloud, whoever has its name now."""
    rows = evidence.rows(MAY_EXIST)
    living, names, attempts = ({row[column] for row in rows} for column in ("infra_id", "name", "id"))
    for thing in evidence.things:
        if thing.infra_id not in living and (thing.infra_id or owner_of(thing.name) not in names):
            yield f"{thing} exists"
    for name in evidence.secret_names():
        if name.startswith("ocpctl/clusters/") and attempts.isdisjoint(name.split("/")):
            yield f"the secret {name} exists"


# Attempts of which something may exist: authorised, not proven gone, and their cluster not said to be gone.
MAY_EXIST = """SELECT a.id, a.infra_id, c.name FROM attempts a JOIN clusters c ON c.id = a.cluster_id
               WHERE a.cleanup = 'REQUIRED' AND a.infra_id IS NOT NULL
                 AND NOT (c.status = 'DESTROYED' OR c.status = 'FAILED' AND NOT c.resources_remaining)"""


def living_is_whole(evidence: Evidence) -> Iterator[str]:
    """12. What lives was touched by nobody: its network, machines, balancers, zone and names are there and its own."""
    have: dict[str, Counter[str]] = defaultdict(Counter)
    for thing in evidence.things:
        if thing.kind == "record":
            have[thing.infra_id][f"record {thing.name.partition('.')[0]}"] += 1
        have[thing.infra_id][thing.kind] += 1
    manual = {record["infra_id"] for record in evidence.records() if record["operation"] == "ccoctl-create-all"}
    for row in evidence.rows(ALIVE):
        essential = ESSENTIAL | (MADE_FOR_IT if row["infra_id"] in manual else MADE_BY_IT)
        lacking = {kind: minimum for kind, minimum in essential.items() if have[row["infra_id"]][kind] < minimum}
        if lacking:
            yield f"{row['name']} ({row['infra_id']}) is READY and lacks {', '.join(lacking)}"


ALIVE = """SELECT DISTINCT ON (c.id) c.name, a.infra_id FROM clusters c JOIN attempts a ON a.cluster_id = c.id
           WHERE c.status IN ('READY', 'SCALING') AND a.mode = 'INSTALL' AND a.outcome = 'SUCCEEDED'
           ORDER BY c.id, a.fence DESC"""
ESSENTIAL = {
    "vpc": 1,
    "subnet": 2,
    "instance": 3,
    "load-balancer": 2,
    "classic-load-balancer": 1,
    "target-group": 3,
    "zone": 1,
    "record api": 1,
    "record *": 1,
    "role": 2,
    "bucket": 1,
}
# A cluster's own credentials: made by itself from keys, or for it.
MADE_BY_IT = {"user": 1}
MADE_FOR_IT = {"role": 2 + 7, "identity-provider": 1, "bucket": 1 + 1}


def audited(evidence: Rows) -> Iterator[str]:
    """5. The audit holds exactly the transitions that happened, each following from the one before, chain intact."""
    yield from (f"chain broken at {row['seq']}" for row in evidence.rows("SELECT seq FROM audit_breaks"))
    statement = """SELECT target_cluster_id AS cluster, from_status, to_status FROM audit_events
                   WHERE to_status <> '' AND outcome = 'ALLOWED' ORDER BY seq"""
    steps: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.rows(statement):
        steps[row["cluster"]].append(row)
    for row in evidence.rows("SELECT id, name, status, revision FROM clusters"):
        own = steps[row["id"]]
        if len(own) != row["revision"]:
            yield f"{row['name']}: {len(own)} audited transitions, {row['revision']} happened"
        if own and own[-1]["to_status"] != row["status"]:
            yield f"{row['name']}: audited as {own[-1]['to_status']}, is {row['status']}"
        for before, after in itertools.pairwise(own):
            if before["to_status"] != after["from_status"]:
                yield f"{row['name']}: {before['to_status']} was followed from {after['from_status']}"


def fences_grow(evidence: Rows) -> Iterator[str]:
    """6. Accepted writes carry fences that never go back. Attempts of the same instant have no order."""
    for table, order in (("cluster_artifacts", "id"), ("attempts", "started_at, fence"), ("audit_events", "seq")):
        cluster = "target_cluster_id" if table == "audit_events" else "cluster_id"
        where = f"WHERE {cluster} IS NOT NULL AND fence > 0"
        statement = f"SELECT {cluster} AS cluster, fence FROM {table} {where} ORDER BY {order}"
        last: dict[str, int] = {}
        for row in evidence.rows(statement):
            if row["fence"] < last.get(row["cluster"], 0):
                yield f"{table} of {row['cluster']}: fence {row['fence']} after {last[row['cluster']]}"
            last[row["cluster"]] = row["fence"]


def sent_in_order(evidence: Rows) -> Iterator[str]:
    """7. Within a group of a destination messages were sent in the order of their ids, and none is left."""
    last: dict[str, int] = {}
    place = "concat_ws(' ', group_id, 'in', destination, pool) AS place"
    statement = f"SELECT {place}, id, published_at FROM outbox ORDER BY published_at, id"
    for row in evidence.rows(statement):
        if row["published_at"] is None:
            yield f"message {row['id']} of {row['place']} was never sent"
        elif row["id"] < last.get(row["place"], 0):
            yield f"message {row['id']} of {row['place']} was sent after {last[row['place']]}"
        else:
            last[row["place"]] = row["id"]


def no_secret_anywhere(evidence: Evidence) -> Iterator[str]:
    """8. No secret, in no encoding, in any log, table or S3 log."""
    forms = Automaton()
    for form in evidence.planted_secrets():
        forms.add_word(form, form)
    forms.make_automaton()
    for name, text in evidence.sinks():
        yield from (f"a secret in {name} ({form[:6]}…)" for form in {form for _, form in forms.iter(text)})


def no_process_left(evidence: Evidence) -> Iterator[str]:
    """9. No process carries the id of an attempt that has ended, thirty seconds later."""
    ended = {row["id"] for row in evidence.rows("SELECT id FROM attempts WHERE ended_at IS NOT NULL")}
    give_up = moment(GRACE_SECONDS)
    while (alive := attempts_alive() & ended) and time.monotonic() < give_up:
        time.sleep(0.5)
    yield from (f"{attempt} still has processes: {process_tree.find(attempt)}" for attempt in alive)


def all_returned(evidence: Evidence) -> Iterator[str]:
    """10. Work directories, leases and slots are given back."""
    give_up = moment(GRACE_SECONDS)
    while (left := _directories(evidence.stack.folder)) and time.monotonic() < give_up:
        time.sleep(0.5)
    yield from (f"work directory {path} is left" for path in left)
    for row in evidence.rows("SELECT cluster_id, locked_by FROM job_locks WHERE locked_by IS NOT NULL"):
        yield f"{row['locked_by']} still holds {row['cluster_id']}"


def _directories(folder: Path) -> list[Path]:
    return [path for path in (folder / "work").glob("*/*") if path.name.startswith("att_")]


def nothing_without_owner(evidence: Rows) -> Iterator[str]:
    """11. Every state that somebody must end has something that will end it."""
    yield from (f"{row['invariant']}: {row['cluster_id']}, {row['found']}" for row in evidence.rows(invariants.ALL))


CHECKS: tuple[Check, ...] = (
    no_overlap,
    nothing_forgotten,
    authorised_first,
    gone_is_gone,
    audited,
    fences_grow,
    sent_in_order,
    no_secret_anywhere,
    no_process_left,
    all_returned,
    nothing_without_owner,
    living_is_whole,
)


def violations(evidence: Evidence) -> list[Violation]:
    """Everything that is wrong, by all checks."""
    return [Violation(check=check.__name__, what=what) for check in CHECKS for what in check(evidence)]
