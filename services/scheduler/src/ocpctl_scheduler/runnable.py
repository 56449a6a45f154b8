"""Runnable jobs: how many a runner could start now. What lease acquire refuses is not counted."""

from collections import Counter
from dataclasses import dataclass

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.store.concurrency_limits import ConcurrencyPool
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import runnable
from ocpctl_common.store.queries.runnable import StartableJobs

from ocpctl_scheduler import concurrency
from ocpctl_scheduler.rules import LeaseRules


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerKind:
    """Runners that are alike: the pool of jobs that they take, and the account that their runs count for."""

    pool: Pool
    account_id: str


def count(engine: Database, rules: LeaseRules, runners: RunnerKind) -> int:
    """So many more runners of this kind would get a job each. Raises Unavailable."""
    with autocommit(engine) as tx:
        found = [jobs for jobs in runnable.startable(tx) if jobs.run.queue is runners.pool]
        unlimited = sum(jobs.jobs for jobs in found if not jobs.run.limit)
        limited = _by_limit(found, runners.account_id)
        return unlimited + sum(min(jobs, concurrency.free(tx, rules, pool)) for pool, jobs in limited.items())


def _by_limit(found: list[StartableJobs], account_id: str) -> Counter[ConcurrencyPool]:
    """Several groups may share a limit: a clean-up and a destroy, or the regions of a cloud that has one for all."""
    counted: Counter[ConcurrencyPool] = Counter()
    for jobs in found:
        if jobs.run.limit:
            counted[concurrency.pool_of(jobs.platform, account_id, jobs.region, jobs.run.mode)] += jobs.jobs
    return counted
