"""Jobs that lease acquire would find due with a free lease, counted by what their concurrency limit depends on."""

from dataclasses import dataclass

from sqlalchemy import text

from ocpctl_common.lifecycle.job_kinds import run_of
from ocpctl_common.lifecycle.run_modes import Run
from ocpctl_common.lifecycle.states import WAITING_JOBS, JobType
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.literals import literals

# A cluster has one waiting job at most with a free lease: a destroy ends the others that wait.
STARTABLE = text(f"""
SELECT j.job_type, j.given_up, c.platform, c.spec->>'region' AS region, count(*) AS jobs
FROM jobs j JOIN job_locks l ON l.cluster_id = j.cluster_id JOIN clusters c ON c.id = j.cluster_id
WHERE j.status IN {literals(WAITING_JOBS)} AND j.run_after <= clock_timestamp() AND l.locked_by IS NULL
GROUP BY 1, 2, 3, 4
""")  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True, kw_only=True)
class StartableJobs:
    """So many jobs whose next run is of the same mode, in one region of a platform."""

    run: Run
    platform: str
    region: str
    jobs: int


def startable(tx: Transaction) -> list[StartableJobs]:
    """All of them, whatever the concurrency limits say."""
    return [
        StartableJobs(
            run=run_of(JobType(row.job_type), given_up=row.given_up),
            platform=row.platform,
            region=row.region,
            jobs=row.jobs,
        )
        for row in tx.execute(STARTABLE)
    ]
