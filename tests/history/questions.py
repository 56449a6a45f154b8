"""All that people and sweeps ask: each question as somebody asks it, also those that nothing matches."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from ocpctl_common.requests import RequestKey
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.queries import (
    attempts,
    audit,
    details,
    invariants,
    janitor,
    job_logs,
    lists,
    mappings,
    operations,
    orphans,
    outputs,
    runnable,
    sessions,
    usage,
)
from ocpctl_common.store.queries.audit import AuditFilter
from ocpctl_common.store.queries.lists import ClusterFilter, JobFilter
from ocpctl_common.store.queries.usage import Group

Question = Callable[[Transaction], Any]
NOW = datetime.now(tz=UTC)
LIVING = ("PENDING", "CREATING", "READY", "SCALING", "DESTROYING", "FAILED")
TEAM, OWNER, ACTOR = "team-7", "owner-7@example.com", "arn:aws:iam::123456789012:role/owner-7"
SOME_TEAMS = ("team-1", "team-2", "team-3")


def _clusters(chosen: Mapping[str, str] | None = None, **wanted: Any) -> Question:
    columns = {column: [chosen[column]] if chosen and column in chosen else [] for column in lists.CLUSTER_COLUMNS}
    return lambda tx: lists.clusters(tx, ClusterFilter(chosen=columns, **wanted), limit=101)


def _jobs(**wanted: Any) -> Question:
    return lambda tx: lists.jobs(tx, JobFilter(**wanted), limit=101)


def _audit(**wanted: Any) -> Question:
    return lambda tx: audit.newest(tx, AuditFilter(**wanted), before=0, limit=101)


def _newest_cluster(tx: Transaction) -> None:
    [newest] = lists.clusters(
        tx, ClusterFilter(chosen=dict.fromkeys(lists.CLUSTER_COLUMNS, ()), statuses=["PENDING"]), limit=1
    )
    details.cluster(tx, newest.id)


DAY = {"begin": NOW - timedelta(days=3), "end": NOW - timedelta(days=2)}
LONG_AGO = {"begin": NOW - timedelta(days=9000), "end": NOW - timedelta(days=8000)}


def pages(middle: str) -> dict[str, Question]:
    """`middle` is the number of a cluster that is gone, as 26 digits."""
    cluster, job = f"clu_{middle}", f"job_{int(middle) * 3 + 1:026d}"
    after = (NOW - timedelta(days=5), cluster)
    key = RequestKey(principal="r", rpc="CreateCluster", key=cluster, request_hash=b"none")
    return {
        "clusters": _clusters(),
        "clusters, far behind": _clusters(after=after),
        "clusters that live": _clusters(statuses=LIVING),
        "clusters that live, of a team": _clusters(statuses=LIVING, teams=[TEAM]),
        "clusters that live, of some teams": _clusters(statuses=LIVING, teams=SOME_TEAMS),
        "clusters that live, of an owner": _clusters({"owner": OWNER}, statuses=LIVING),
        "clusters that live, of a name": _clusters(name="ci-7", statuses=LIVING),
        "clusters of a team": _clusters(teams=[TEAM]),
        "clusters of a team, far behind": _clusters(teams=[TEAM], after=after),
        "clusters of no team": _clusters(teams=["nobody"]),
        "clusters of a status that none has": _clusters(statuses=["SCALING"]),
        "clusters that are gone": _clusters(statuses=["DESTROYED"]),
        "clusters that have failed": _clusters(statuses=["FAILED"]),
        **{f"clusters by {column}, of none": _clusters({column: "none"}) for column in lists.CLUSTER_COLUMNS},
        "clusters by owner": _clusters({"owner": OWNER}),
        "clusters by profile": _clusters({"profile": "aws-standard"}),
        "clusters by platform": _clusters({"platform": "aws"}),
        "clusters by profile, of a team": _clusters({"profile": "aws-minimal-test"}, teams=[TEAM]),
        "clusters by a profile that others have, of a team": _clusters({"profile": "aws-standard"}, teams=[TEAM]),
        "clusters by owner, of a team": _clusters({"owner": OWNER}, teams=[TEAM]),
        "clusters by an owner of others, of a team": _clusters({"owner": "owner-8@example.com"}, teams=[TEAM]),
        "clusters by platform, of a team": _clusters({"platform": "aws"}, teams=[TEAM]),
        "clusters of a name": _clusters(name="ci-7"),
        "clusters of a name that none has": _clusters(name="none"),
        "clusters of a name, of a team": _clusters(name="ci-7", teams=[TEAM]),
        "a cluster": lambda tx: details.cluster(tx, cluster),
        "its job": lambda tx: details.job(tx, job),
        "its job's status": lambda tx: details.job_status(tx, job),
        "its job's tries": lambda tx: attempts.of_job(tx, job, limit=10),
        "its receipts": lambda tx: details.receipts(tx, cluster),
        "its outputs": lambda tx: outputs.get(tx, cluster),
        "its events": lambda tx: lists.events(tx, cluster, after=0, limit=101),
        "a repeated create": lambda tx: details.accepted_create(tx, key),
        "jobs": _jobs(),
        "jobs, far behind": _jobs(after=job),
        "jobs of a cluster": _jobs(clusters=[cluster]),
        "jobs of a team": _jobs(teams=[TEAM]),
        "jobs of no team": _jobs(teams=["nobody"]),
        "jobs that run": _jobs(statuses=["RUNNING"]),
        "jobs that are open": _jobs(statuses=["PENDING", "RUNNING", "RETRYING"]),
        "jobs that have failed": _jobs(statuses=["FAILED"]),
        "jobs of a kind that there is not": _jobs(types=["SCALE_WORKERS"]),
        "jobs of a kind": _jobs(types=["DESTROY"]),
        "jobs that have failed, of a team": _jobs(statuses=["FAILED"], teams=[TEAM]),
        "jobs that run, of a team": _jobs(statuses=["RUNNING"], teams=[TEAM]),
        "jobs of a kind, of a team": _jobs(types=["DESTROY"], teams=[TEAM]),
        "audit": _audit(),
        "audit of a cluster": _audit(cluster_id=cluster),
        "audit by actor": _audit(actor=ACTOR),
        "audit by an actor that there is not": _audit(actor="none"),
        "audit by action": _audit(action="CREATE_CLUSTER"),
        "audit by an action that there is not": _audit(action="NONE"),
        "audit by request": _audit(correlation_id="req-77-2"),
        "audit by a request that there is not": _audit(correlation_id="none"),
        "audit by action, by actor": _audit(actor=ACTOR, action="CREATE_REQUESTED"),
        "audit by action of others, by actor": _audit(actor=ACTOR, action="JOB_ENDED"),
        "audit of what was refused": _audit(outcome="DENIED"),
        "audit of a day": _audit(**DAY),
        "audit of a day, by actor": _audit(actor="ocpctl:scheduler", **DAY),
        "audit of a day, by action": _audit(action="JOB_ENDED", **DAY),
        "audit of a day long ago": _audit(**LONG_AGO),
        "audit of a day long ago, by actor": _audit(actor="ocpctl:scheduler", **LONG_AGO),
        "a cluster that is being made": _newest_cluster,
        "the end of a log": lambda tx: job_logs.before_tail(tx, job, after=0, tail=10),
        "log lines": lambda tx: job_logs.lines(tx, job, after=0, limit=100),
        "locks": operations.locks,
        "queue": operations.queue,
        "runners": operations.runners,
        "orphans": partial(orphans.page, include_resolved=True, before=0, limit=100),
        "sessions": partial(sessions.page, owner="", before="", limit=100),
        "mappings": partial(mappings.page, before="", limit=100),
    }


SWEEPS: dict[str, Question] = {
    "dead leases": partial(janitor.dead_leases, limit=100),
    "expired clusters": partial(janitor.expired_clusters, limit=100),
    "silent jobs": partial(janitor.silent_jobs, silence_seconds=60, limit=100),
    "due verifications": partial(janitor.due_verifications, limit=100),
    "states without an owner": invariants.breaches,
    "startable jobs": runnable.startable,
    "regions of orphans": partial(orphans.regions, platform="aws"),
    "owners of what was found": partial(orphans.owners, infra_ids=["ci-7"], attempts=["att_x"], grace_seconds=60),
}
# Their work is one pass over what is counted, not over what is found.
REPORTS: dict[str, Question] = {
    **{
        f"usage by {group}": partial(usage.usage, group=group, begin=DAY["begin"], end=DAY["end"], known=NOW)
        for group in Group
    },
    "until when usage is known": usage.sampled_until,
    "the export of the audit": lambda tx: list(
        audit.export(tx.engine, AuditFilter(begin=DAY["begin"], end=DAY["end"]))
    ),
}
COUNTS: dict[str, Question] = {"clusters by status": janitor.cluster_counts}
