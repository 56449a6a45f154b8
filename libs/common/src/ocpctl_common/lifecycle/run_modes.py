"""Every run mode, as a row: what a run may take, what it counts for, and what it is given.

Which job has its runs in which mode stands in `job_kinds.py`. `make gen` prints the rows into docs/lifecycle.md.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.lifecycle.states import RunMode


class Counter(StrEnum):
    """The number of its job that a run adds to."""

    ATTEMPT = "attempt"  # the run does what the job is for
    CLEANUP_RUNS = "cleanup_runs"  # the run only cleans up or verifies


class Older(StrEnum):
    """Which older attempts of the cluster a run is given."""

    NONE = "no older attempt"  # what exists is in use
    NEEDS_CLEANUP = "those that need cleanup"
    TO_VERIFY = "those to verify again"  # never one that needs cleanup because it is in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One mode: what a run does, how long it may take, what it counts for and what it is given.

    `deadline` is that of the job's own work, or of each clean-up when the run only cleans up. `limit` is the account's
    concurrency limit that counts the run; None: it does not use the account. What may create is counted as a create.
    """

    mode: RunMode
    what: str
    deadline: timedelta
    counts: Counter
    queue: Pool
    limit: Pool | None
    older: Older
    outputs: bool = False  # it is given the cluster's outputs: how to reach the cluster

    @property
    def own_work(self) -> bool:
        """Whether the run does what its job is for, and no clean-up only."""
        return self.counts is Counter.ATTEMPT

    @property
    def may_create(self) -> bool:
        """Whether the gate before money may open for the run."""
        return self.limit is Pool.CREATES


_RUNS = (
    Run(
        mode=RunMode.INSTALL,
        what="clean up older attempts, then install",
        deadline=timedelta(minutes=210),  # the installer's own waits for a create sum to 192 minutes
        counts=Counter.ATTEMPT,
        queue=Pool.CREATES,
        limit=Pool.CREATES,
        older=Older.NEEDS_CLEANUP,
    ),
    Run(
        mode=RunMode.CLEANUP,
        what="destroy older attempts and verify that they are gone",
        deadline=timedelta(minutes=60),
        counts=Counter.CLEANUP_RUNS,
        queue=Pool.DESTROYS,
        limit=Pool.DESTROYS,
        older=Older.NEEDS_CLEANUP,
    ),
    Run(
        mode=RunMode.SWEEP,
        what="verify again what was proven gone, destroy what is found",
        deadline=timedelta(minutes=60),
        counts=Counter.CLEANUP_RUNS,
        queue=Pool.DESTROYS,
        limit=Pool.DESTROYS,
        older=Older.TO_VERIFY,
    ),
    Run(
        mode=RunMode.SCALE,
        what="change the number of workers through the cluster's own API",
        deadline=timedelta(minutes=30),
        counts=Counter.ATTEMPT,
        queue=Pool.CREATES,
        limit=None,
        older=Older.NONE,
        outputs=True,
    ),
)
RUNS = {run.mode: run for run in _RUNS}
