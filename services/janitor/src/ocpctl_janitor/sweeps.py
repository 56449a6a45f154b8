"""The list of sweeps: a row for each periodic pass of the janitor.

The loops, the settings of their pauses, the log, the metrics and the table in docs/operations.md are made from it. What
the scheduler does with a candidate is the row of the same name in `ocpctl_scheduler/sweeps.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ocpctl_common.cloud.queue import JobQueue
from ocpctl_common.cloud.session import session
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.providers.registry import Clouds
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.queries import janitor
from ocpctl_common.store.queries.janitor import Candidate

from ocpctl_janitor import owners
from ocpctl_janitor.dead_letters import DeadLetters
from ocpctl_janitor.gauge import ClusterGauge
from ocpctl_janitor.orphans.sweep import OrphanSweep
from ocpctl_janitor.passes import CandidatePass, Dependencies, Find, Pass
from ocpctl_janitor.settings import JanitorSettings, with_pauses
from ocpctl_janitor.usage import UsageSampler


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A row: either it finds candidates, about each of which the scheduler is asked, or it is a pass of its own.

    `name` is that of the log, the metrics, the setting and the scheduler's row. `seconds` is the usual pause;
    a `whole` one has no fractions.
    """

    name: str
    does: str
    seconds: float
    max_seconds: float | None = None
    whole: bool = False
    find: Find | None = None
    other: Callable[[Dependencies], Pass] | None = None

    def begin(self, on: Dependencies) -> Pass:
        """The pass, ready to be made."""
        if self.find:
            return CandidatePass(self.name, self.find, on)
        if self.other:
            return self.other(on)
        raise TypeError(f"the sweep {self.name} does nothing")


def _dead_leases(tx: Transaction, _: JanitorSettings, *, limit: int) -> Sequence[Candidate]:
    found = janitor.dead_leases(tx, limit=limit)
    if found:
        reach(Failpoint.JANITOR_TAKEOVER)
    return found


def _silent_jobs(tx: Transaction, settings: JanitorSettings, *, limit: int) -> Sequence[Candidate]:
    return janitor.silent_jobs(tx, silence_seconds=settings.redispatch_silence_seconds, limit=limit)


def _dead_letters(on: Dependencies) -> Pass:
    return DeadLetters(JobQueue(session(), on.settings.dead_letter_queue_url), on.scheduler)


def _usage(on: Dependencies) -> Pass:
    return UsageSampler(on.scheduler, interval_seconds=int(on.settings.pause("usage")))


def _orphans(on: Dependencies) -> Pass:
    return OrphanSweep(
        on.engine,
        on.scheduler,
        Clouds.connect(on.settings.cluster_role),
        grace_seconds=on.settings.orphan_grace_seconds,
        apart_seconds=on.settings.pause("orphan") / 2,
    )


SWEEPS = (
    Sweep(name="takeover", does="has the leases of dead runners taken over", seconds=5, find=_dead_leases),
    Sweep(
        name="expiry",
        does="has clusters destroyed whose time to live, or whose keepalive, is over",
        seconds=30,
        find=lambda tx, _, *, limit: janitor.expired_clusters(tx, limit=limit),
    ),
    Sweep(
        name="redispatch",
        does="redispatches due jobs whose message was lost or whose pause has ended",
        seconds=15,
        find=_silent_jobs,
    ),
    Sweep(
        name="verification",
        does="opens the jobs of post-destroy verification",
        seconds=60,
        find=lambda tx, _, *, limit: janitor.due_verifications(tx, limit=limit),
    ),
    Sweep(
        name="reconcile",
        does="counts states that nobody works on, and has each given an owner",
        seconds=60,
        find=owners.find,
    ),
    Sweep(name="dead-letter", does="redispatches the jobs of dead letters", seconds=60, other=_dead_letters),
    Sweep(name="gauge", does="counts clusters for the metrics", seconds=30, other=lambda on: ClusterGauge(on.engine)),
    Sweep(
        name="usage",
        does="has sampled what clusters cost; a sample stands for this pause",
        seconds=300,
        max_seconds=3600,
        whole=True,
        other=_usage,
    ),
    Sweep(name="orphan", does="tells of resources in the cloud that belong to nothing", seconds=3600, other=_orphans),
)
Settings = with_pauses(SWEEPS)


def named(name: str) -> Sweep:
    """The row. Raises LookupError."""
    return {sweep.name: sweep for sweep in SWEEPS}[name]
