"""Retry, given up or handed back: what follows when an attempt ends. Pure decisions over plain facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ocpctl_common.lifecycle.job_kinds import KINDS, JobKind, Rule
from ocpctl_common.lifecycle.run_modes import RUNS, Older
from ocpctl_common.lifecycle.states import JobType, Outcome, RunMode
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent

LOST_ATTEMPTS = 3
CLEANUP_RUNS = 5
LOST = frozenset({Outcome.LEASE_LOST, Outcome.INTERRUPTED})  # the runner's end, not the work's

SPARE = timedelta(minutes=10)
PROOF = timedelta(minutes=10)  # two checks and the pause between them, of one attempt; one is proven after the other

# The failure class of a runner's own fault, met before anything was made: another runner takes the job, however often.
RUNNER = "RUNNER"
RUNNER_PAUSE_CAP = 5

# How many attempts of a create a failure class allows, all attempts of the job counted. A class that is not named
# here is UNKNOWN. CONFIG, AUTH and QUOTA would fail again for the same reason.
ATTEMPTS_BY_CLASS = {
    "CONFIG": 1,
    "AUTH": 1,
    "QUOTA": 1,
    "CAPACITY": 3,
    "THROTTLE": 3,
    "DNS": 2,
    "BOOTSTRAP": 2,
    "OPERATORS": 2,
    "UNKNOWN": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnd:
    """The facts when an attempt ends. Counts include the attempt that ends.

    `needing_cleanup` attempts may have left something; in `remains` of them post-destroy verification found it.
    `handed_back` are those that ended with a runner's own fault: of the `lost_attempts`, or of the `cleanup_runs` when
    it is a clean-up that ends.
    """

    job_type: JobType
    outcome: Outcome
    failure_class: str
    cancel_requested: bool
    given_up: bool
    needing_cleanup: int
    attempts: int
    max_attempts: int
    lost_attempts: int
    cleanup_runs: int
    destroying: bool = False  # the cluster is DESTROYING
    remains: int = 0
    handed_back: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What happens to the job and the cluster. `pause_units` is the pause before the next run in back-off units."""

    job_event: JobEvent
    cluster_event: ClusterEvent | None = None
    pause_units: float = 0
    give_up: bool = False


def after_attempt(end: AttemptEnd) -> Verdict:
    """The one decision over the end of an attempt."""
    kind = KINDS[end.job_type]
    if end.cancel_requested and not kind.destroys:
        return Verdict(job_event=JobEvent.CANCELLED)
    return RULES[kind.rule](end, kind)


def _after_install(end: AttemptEnd, kind: JobKind) -> Verdict:
    """Once more, ready, or the end."""
    if end.outcome is Outcome.SUCCEEDED and not end.given_up:
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=kind.succeeded)
    if not end.given_up and _may_install_again(end):
        return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=_install_pause(end, kind))
    return _after_last_install(end, kind)


def _install_pause(end: AttemptEnd, kind: JobKind) -> float:
    """None after a lost lease: the quarantine was pause enough."""
    if end.outcome is Outcome.LEASE_LOST:
        return 0
    if end.failure_class == RUNNER:
        return pause(end.handed_back, RUNNER_PAUSE_CAP)
    return pause(end.attempts, kind.pause_cap)


def _after_destroy(end: AttemptEnd, kind: JobKind) -> Verdict:
    """A destroy is never given up silently: it pauses longer and longer, up to four hours."""
    if end.outcome is Outcome.SUCCEEDED and end.needing_cleanup == 0:
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=kind.succeeded)
    lost = end.outcome is Outcome.LEASE_LOST
    cap = RUNNER_PAUSE_CAP if end.failure_class == RUNNER else kind.pause_cap
    return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=0 if lost else pause(end.cleanup_runs, cap))


def _after_verification(end: AttemptEnd, kind: JobKind) -> Verdict:
    """Looks again until it could look and everything found is proven gone: without that the finds had no owner.

    A cluster that a find made DESTROYING is DESTROYED again by the new proof; of one that lives only the finds count.
    """
    left = end.needing_cleanup if end.destroying else end.remains
    if end.outcome is Outcome.SUCCEEDED and left == 0:
        event = kind.succeeded if end.destroying else None
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=event)
    return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=pause(end.cleanup_runs, kind.pause_cap))


def _after_once(end: AttemptEnd, kind: JobKind) -> Verdict:
    """Done again after a lost runner, which harms nothing. A failure is the end: the run has tried all its time."""
    if end.outcome is Outcome.SUCCEEDED:
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=kind.succeeded)
    if end.failure_class == RUNNER:
        return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=pause(end.handed_back, RUNNER_PAUSE_CAP))
    if end.outcome in LOST and end.lost_attempts - end.handed_back <= LOST_ATTEMPTS:
        lease_lost = end.outcome is Outcome.LEASE_LOST
        units = 0 if lease_lost else pause(end.attempts, kind.pause_cap)
        return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=units)
    return Verdict(job_event=JobEvent.GIVEN_UP, cluster_event=kind.given_up)


def _may_install_again(end: AttemptEnd) -> bool:
    """A lost or interrupted runner does not burn the user's attempts, up to a cap of its own; its own fault never."""
    if end.failure_class == RUNNER:
        return True
    if end.outcome in LOST:
        return end.lost_attempts - end.handed_back <= LOST_ATTEMPTS
    allowed = ATTEMPTS_BY_CLASS.get(end.failure_class, ATTEMPTS_BY_CLASS["UNKNOWN"])
    return end.attempts - end.lost_attempts < min(allowed, end.max_attempts)


def _after_last_install(end: AttemptEnd, kind: JobKind) -> Verdict:
    """What was created must be cleaned up before the job may end; after too many failures a person is needed."""
    if end.needing_cleanup and end.cleanup_runs - end.handed_back < CLEANUP_RUNS:
        return Verdict(
            job_event=JobEvent.TO_BE_RETRIED,
            pause_units=pause(end.cleanup_runs, kind.pause_cap),
            give_up=True,
        )
    return Verdict(job_event=JobEvent.GIVEN_UP, cluster_event=kind.given_up, give_up=True)


def pause(count: int, cap: float) -> float:
    """Back-off before run number `count` + 1: 1, 2, 4 … units, at most `cap` (a unit is a minute)."""
    return float(min(2.0 ** min(max(count - 1, 0), 16), cap))


RULES: Mapping[Rule, Callable[[AttemptEnd, JobKind], Verdict]] = {
    Rule.INSTALL: _after_install,
    Rule.DESTROY: _after_destroy,
    Rule.VERIFY: _after_verification,
    Rule.ONCE: _after_once,
}


def run_deadline(mode: RunMode) -> timedelta:
    """How long one run may take."""
    return RUNS[mode].deadline


def lease_deadline(mode: RunMode, older: int) -> timedelta:
    """How long a lease may be renewed: the run, clean-up and proof of `older` attempts and of its own, some minutes.

    A runner that is still not done then hangs somewhere; it is told that the lease is lost.
    """
    run = RUNS[mode]
    own = run.deadline if run.own_work else timedelta()
    cleanups = int(run.may_create) + (0 if run.older is Older.NONE else older)
    return own + cleanups * (RUNS[RunMode.CLEANUP].deadline + PROOF) + SPARE
