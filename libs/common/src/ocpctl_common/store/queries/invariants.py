"""No state without an owner: every state that somebody must end has something that will end it.

One list of named queries. The oracle and the simulation judge by it, the janitor counts by it and has the scheduler
repair, operators read it. Changes of state are single transactions, so a breach is never seen in passing: a statement
that sees one sees something that nobody works on. The queries have no parameters, so that anybody may ask them.
"""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.ids import ClusterId
from ocpctl_common.lifecycle.job_kinds import KINDS, owners
from ocpctl_common.lifecycle.run_modes import RUNS, Older
from ocpctl_common.lifecycle.states import OPEN_JOBS, ClusterStatus
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals

LIMIT = 1000
_OPEN = literals(OPEN_JOBS)
_DESTROYING_OWNERS = literals(owners(ClusterStatus.DESTROYING))
_WORK = {
    status: owners(status) for status in ClusterStatus if owners(status) and status is not ClusterStatus.DESTROYING
}
_WORK_HAS_OWNER = " OR ".join(
    f"c.status = '{status}' AND j.job_type IN {literals(job_types)}" for status, job_types in _WORK.items()
)
_CLEANERS = literals(job_type for job_type, kind in KINDS.items() if RUNS[kind.run].older is not Older.NONE)
_CREATING_MODES = literals(mode for mode, run in RUNS.items() if run.may_create)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """A rule; `query` selects cluster_id and what was found (a text) of everything that breaks it."""

    name: str
    meaning: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A state without an owner."""

    invariant: str
    cluster_id: ClusterId
    found: str


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        name="DESTROYING_HAS_JOB",
        meaning="A cluster that is DESTROYING has an open job that destroys it.",
        query=f"""
SELECT c.id AS cluster_id, 'no open job destroys it' AS found FROM clusters c
WHERE c.status = 'DESTROYING'
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.cluster_id = c.id AND j.status IN {_OPEN}
                  AND j.job_type IN {_DESTROYING_OWNERS})""",  # noqa: S608 - our own words
    ),
    Invariant(
        name="WORK_HAS_JOB",
        meaning="A cluster that is PENDING or CREATING has an open create, one that is SCALING an open scaling.",
        query=f"""
SELECT c.id AS cluster_id, c.status || ' without an open job' AS found FROM clusters c
WHERE c.status IN {literals(_WORK)}
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.cluster_id = c.id AND j.status IN {_OPEN}
                  AND ({_WORK_HAS_OWNER}))""",  # noqa: S608 - our own words
    ),
    Invariant(
        name="REMAINS_HAVE_OWNER",
        meaning="What an attempt may have left belongs to the living cluster that it made, to an open job that cleans "
        "up, or to a cluster that is FAILED and says that resources remain.",
        query=f"""
SELECT a.cluster_id, a.id || ' of a cluster that is ' || c.status AS found
FROM attempts a JOIN clusters c ON c.id = a.cluster_id
WHERE a.cleanup = 'REQUIRED'
  AND NOT (c.status IN ('READY','SCALING') AND a.mode IN {_CREATING_MODES} AND a.outcome = 'SUCCEEDED'
           AND a.incident_at IS NULL)
  AND NOT (c.status = 'FAILED' AND c.resources_remaining)
  AND NOT EXISTS (SELECT 1 FROM jobs j
                  WHERE j.cluster_id = a.cluster_id AND j.status IN {_OPEN}
                    AND j.job_type IN {_CLEANERS})""",  # noqa: S608 - our own words
    ),
    Invariant(
        name="GONE_HAS_NOTHING_LEFT",
        meaning="No attempt of a cluster that is DESTROYED, or FAILED without remains, may have left anything.",
        query="""
SELECT a.cluster_id, a.id || ' of a cluster that is ' || c.status AS found
FROM attempts a JOIN clusters c ON c.id = a.cluster_id
WHERE a.cleanup = 'REQUIRED' AND (c.status = 'DESTROYED' OR c.status = 'FAILED' AND NOT c.resources_remaining)""",
    ),
    Invariant(
        name="LEASE_HAS_RUNNING_JOB",
        meaning="A held lease belongs to a job of its cluster that is RUNNING.",
        query="""
SELECT l.cluster_id, 'held by ' || l.locked_by || ' for a job that does not run' AS found FROM job_locks l
WHERE l.locked_by IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM jobs j
                  WHERE j.id = l.job_id AND j.cluster_id = l.cluster_id AND j.status = 'RUNNING')""",
    ),
    Invariant(
        name="RUNNING_JOB_HAS_LEASE",
        meaning="A job that is RUNNING holds its cluster's lease.",
        query="""
SELECT j.cluster_id, j.id || ' is RUNNING without a lease' AS found FROM jobs j
WHERE j.status = 'RUNNING'
  AND NOT EXISTS (SELECT 1 FROM job_locks l WHERE l.cluster_id = j.cluster_id AND l.job_id = j.id)""",
    ),
    Invariant(
        name="RUNNING_ATTEMPT_HAS_LEASE",
        meaning="An attempt that has not ended holds its cluster's lease.",
        query="""
SELECT a.cluster_id, a.id || ' has not ended and has no lease' AS found FROM attempts a
WHERE a.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM job_locks l WHERE l.cluster_id = a.cluster_id AND l.attempt_id = a.id)""",
    ),
)
MEANINGS = {invariant.name: invariant.meaning for invariant in INVARIANTS}

# All of them in one statement, so that they are judged at one moment.
ALL = " UNION ALL ".join(
    f"SELECT '{rule.name}' AS invariant, q.cluster_id, q.found FROM ({rule.query}) q"  # noqa: S608 - our own words
    for rule in INVARIANTS
)
BREACHES = text(f"SELECT * FROM ({ALL}) b ORDER BY b.cluster_id, b.invariant LIMIT :limit")  # noqa: S608 - our own words
OF_CLUSTER = text(f"SELECT * FROM ({ALL}) b WHERE b.cluster_id = :cluster_id")  # noqa: S608 - our own words


def breaches(tx: Transaction, *, limit: int = LIMIT) -> list[Breach]:
    """States without an owner, by cluster."""
    return [Breach(**row._mapping) for row in tx.execute(BREACHES, {"limit": limit})]


def breaches_of(tx: Transaction, cluster_id: ClusterId) -> list[Breach]:
    """Those of a cluster; call with its lease row locked to act on them. In the order of the rules."""
    return [Breach(**row._mapping) for row in tx.execute(OF_CLUSTER, {"cluster_id": cluster_id})]
