"""Every job kind, as a row. Code that must know what a kind is reads its row.

The name of a kind is the same everywhere: in this table, in the database, in the public contract and in metrics.
`make gen` prints the rows into docs/lifecycle.md.
"""

from dataclasses import dataclass
from enum import StrEnum

from ocpctl_common.lifecycle.run_modes import RUNS, Run
from ocpctl_common.lifecycle.states import ClusterStatus, JobType, RunMode
from ocpctl_common.lifecycle.transitions import ClusterEvent


class Rule(StrEnum):
    """What follows when a run has ended. The decisions are the functions of `retries.RULES`."""

    INSTALL = "again as the failure class allows, then clean up and give up"
    DESTROY = "again until everything is proven gone; a cancel changes nothing"
    VERIFY = "again until what was found is proven gone"
    ONCE = "again only after a lost runner"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """One kind: what its runs do, how often they are tried, and what their end does to the cluster.

    `max_attempts` 0 is "never given up"; `pause_cap` is the longest pause between two runs in back-off units. A cluster
    in a status of `owns` needs an open job of such a kind: nothing else would ever end that status.
    """

    job_type: JobType
    what: str
    run: RunMode
    max_attempts: int
    pause_cap: int
    rule: Rule
    owns: frozenset[ClusterStatus]
    succeeded: ClusterEvent | None = None
    given_up: ClusterEvent | None = None
    given_up_run: RunMode | None = None  # after the job was given up, where that is another one
    listed: bool = True  # in lists that name no kind, and as a living cluster's last job

    @property
    def destroys(self) -> bool:
        """Whether the job destroys the whole cluster."""
        return self.rule is Rule.DESTROY


_KINDS = (
    JobKind(
        job_type=JobType.CREATE,
        what="install the cluster",
        run=RunMode.INSTALL,
        max_attempts=3,
        pause_cap=30,
        rule=Rule.INSTALL,
        owns=frozenset({ClusterStatus.PENDING, ClusterStatus.CREATING}),
        succeeded=ClusterEvent.INSTALL_SUCCEEDED,
        given_up=ClusterEvent.INSTALL_GIVEN_UP,
        given_up_run=RunMode.CLEANUP,
    ),
    JobKind(
        job_type=JobType.DESTROY,
        what="destroy on request of a person",
        run=RunMode.CLEANUP,
        max_attempts=0,
        pause_cap=240,
        rule=Rule.DESTROY,
        owns=frozenset({ClusterStatus.DESTROYING}),
        succeeded=ClusterEvent.DESTROY_PROVEN,
    ),
    JobKind(
        job_type=JobType.SCALE_WORKERS,
        what="change the number of workers",
        run=RunMode.SCALE,
        max_attempts=1,
        pause_cap=30,
        rule=Rule.ONCE,
        owns=frozenset({ClusterStatus.SCALING}),
        succeeded=ClusterEvent.WORKERS_SCALED,
        given_up=ClusterEvent.SCALE_GIVEN_UP,
    ),
    JobKind(
        job_type=JobType.JANITOR_DESTROY,
        what="destroy because the time to live ended",
        run=RunMode.CLEANUP,
        max_attempts=0,
        pause_cap=240,
        rule=Rule.DESTROY,
        owns=frozenset({ClusterStatus.DESTROYING}),
        succeeded=ClusterEvent.DESTROY_PROVEN,
    ),
    JobKind(
        job_type=JobType.ORPHAN_SWEEP,
        what="verify again what was proven gone",
        run=RunMode.SWEEP,
        max_attempts=0,
        pause_cap=240,
        rule=Rule.VERIFY,
        owns=frozenset({ClusterStatus.DESTROYING}),
        succeeded=ClusterEvent.DESTROY_PROVEN,
        listed=False,
    ),
)
KINDS = {kind.job_type: kind for kind in _KINDS}


def run_of(job_type: JobType, *, given_up: bool) -> Run:
    """What the next run of a job does."""
    kind = KINDS[job_type]
    return RUNS[(given_up and kind.given_up_run) or kind.run]


def owners(status: ClusterStatus) -> tuple[JobType, ...]:
    """The kinds whose open job ends this status of a cluster."""
    return tuple(kind.job_type for kind in _KINDS if status in kind.owns)
