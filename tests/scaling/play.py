"""A history of creates and destroys on runners that are started for them alone, and what must have been true of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import KEDA, SCHEDULER
from ocpctl_local.moto import aws
from ocpctl_local.settings import UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import running_stack

from tests.faults.driver import Driver
from tests.scaling.keda import ScaledJob
from tests.scaling.runners import Runners
from tests.waiting import moment, slowed, slowness

# Nobody dies here, so nothing waits for these: a lease that is lost on a busy machine would be a finding.
TIMES = LeaseTimes(
    lease=60,
    heartbeat=3,
    trust=40,
    kill=3,
    quarantine=2,
    claim=6,
    silence=10,
    sweep=0.8,
    backoff_unit=1,
    teardown_interval=0.3,
)
PASS_SECONDS = 0.5
EXTRA = 3  # for runs, for runners on their way, and for those that have done their job and are about to end
WAIT_SECONDS = 20.0
# What could start, counted without the product's own query: due and free jobs, as many as the account has room for.
COULD_START = """
SELECT least(
  (SELECT count(*) FROM jobs j JOIN job_locks l ON l.cluster_id = j.cluster_id
   WHERE j.status NOT IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED') AND j.run_after <= clock_timestamp()
     AND l.locked_by IS NULL AND (j.job_type = 'CREATE' AND NOT j.given_up) = %s),
  %s - (SELECT count(*) FROM attempts WHERE ended_at IS NULL AND (mode = 'INSTALL') = %s))
"""
STATUSES = "SELECT status, count(*) FROM clusters GROUP BY 1"
READY = "SELECT id FROM clusters WHERE status = 'READY' ORDER BY ready_at LIMIT %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """So many creates; when `destroys` of them are READY these are destroyed. The limits are those of the account."""

    creates: int
    destroys: int
    create_limit: int
    destroy_limit: int
    time_scale: float
    patience: float  # seconds for the whole history, on an idle machine

    @property
    def limits(self) -> dict[Pool, int]:
        """Runs at once."""
        return {Pool.CREATES: self.create_limit, Pool.DESTROYS: self.destroy_limit}


@dataclass(slots=True, kw_only=True)
class Seen:
    """What the passes of one pool saw."""

    passes: int = 0
    started: int = 0
    peak: int = 0  # runners at once
    uncovered: int = 0  # passes in a row after which a job could start and no runner was on its way
    longest_uncovered: int = 0


@dataclass(kw_only=True)
class Play:
    """One history on one stack. After `run` everything that was asked for has happened and no runner lives."""

    plan: Plan
    driver: Driver
    runners: Runners
    scaled_jobs: dict[Pool, ScaledJob]
    seen: dict[Pool, Seen] = field(default_factory=lambda: {pool: Seen() for pool in Pool})
    peak: int = 0
    destroyed: list[str] = field(default_factory=list)
    creates_waiting_at_first_destroy: int = 0

    def run(self) -> None:
        """Raises AssertionError when it does not come to its end in time."""
        for number in range(self.plan.creates):
            self.driver.create(f"s{number:03d}")
        give_up = moment(self.plan.patience)
        while not self._over():
            assert time.monotonic() < give_up, f"{self.statuses()}, {self.runners.alive()} runners"
            for pool in (Pool.DESTROYS, Pool.CREATES):
                self._pass(pool)
            self.peak = max(self.peak, self.runners.alive())
            self._destroy_when_ready()
            time.sleep(PASS_SECONDS)

    def _pass(self, pool: Pool) -> None:
        seen, job = self.seen[pool], self.scaled_jobs[pool]
        could_start = self.could_start(pool)
        made = job.poll()
        seen.passes += 1
        seen.started += made.started
        seen.peak = max(seen.peak, len(job.pods))
        covered = made.pending + made.started >= could_start
        seen.uncovered = 0 if covered else seen.uncovered + 1
        seen.longest_uncovered = max(seen.longest_uncovered, seen.uncovered)

    def could_start(self, pool: Pool) -> int:
        """By the test's own question to the database."""
        installs = pool is Pool.CREATES
        return max(0, int(self.driver.sql(COULD_START, installs, self.plan.limits[pool], installs)[0][0]))

    def _destroy_when_ready(self) -> None:
        if not self.destroyed and self.statuses().get("READY", 0) >= self.plan.destroys:
            self.creates_waiting_at_first_destroy = self.statuses().get("PENDING", 0)
            self.destroyed = [str(row[0]) for row in self.driver.sql(READY, self.plan.destroys)]
            for cluster_id in self.destroyed:
                self.driver.destroy(cluster_id)

    def statuses(self) -> dict[str, int]:
        """Clusters by status."""
        return {str(status): int(count) for status, count in self.driver.sql(STATUSES)}

    def _over(self) -> bool:
        return self.statuses() == self.wanted and self.runners.alive() == 0 and all(self._idle(pool) for pool in Pool)

    def _idle(self, pool: Pool) -> bool:
        return not self.scaled_jobs[pool].pods

    @property
    def wanted(self) -> dict[str, int]:
        """Clusters by status at the end."""
        return {"READY": self.plan.creates - self.plan.destroys, "DESTROYED": self.plan.destroys}


@contextmanager
def playing(plan: Plan, folder: Path) -> Iterator[Play]:
    """A stack without runners, with KEDA's stand-in beside it."""
    knobs = {"default": {"time_scale": plan.time_scale * slowness(), "journal": str(folder / "journal.jsonl")}}
    settings = StackSettings(
        folder=folder,
        runners=0,
        creates=plan.create_limit,
        destroys=plan.destroy_limit,
        times=slowed(TIMES),
        knobs=knobs,
        limits=UNLIMITED,
    )
    with running_stack(settings) as stack:
        runners = Runners(stack=stack, settings=settings, wait_seconds=WAIT_SECONDS * slowness())
        address = f"127.0.0.1:{stack.state.ports['scheduler']}"
        to_scheduler = channel(address, tls=TlsFiles(stack.tls_dir(KEDA)), server_name=SCHEDULER)
        jobs = {
            pool: ScaledJob(
                name=str(pool),
                metadata={"scalerAddress": address, "enableTLS": "true", "pool": pool, "accountId": aws.ACCOUNT},
                maximum=EXTRA * limit,
                channel=to_scheduler,
                start=partial(runners.start, pool=pool),
            )
            for pool, limit in plan.limits.items()
        }
        yield Play(plan=plan, driver=Driver(stack), runners=runners, scaled_jobs=jobs)
        to_scheduler.close()
