"""What follows when an attempt ends: pure decisions over plain facts."""

from dataclasses import dataclass
from datetime import timedelta

from ocpctl_common.lifecycle.states import DESTROY_JOBS, JobType, Outcome, RunMode
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent

CREATE_ATTEMPTS = 3
SCALE_ATTEMPTS = 1
LOST_ATTEMPTS = 3
CLEANUP_RUNS = 5
CREATE_PAUSE_CAP = 30
DESTROY_PAUSE_CAP = 240
LOST = frozenset({Outcome.LEASE_LOST, Outcome.INTERRUPTED})  # the runner's end, not the work's

SPARE = timedelta(minutes=10)
PROOF = timedelta(minutes=10)  # two looks and the pause between them, of one attempt; one is proven after the other
RUN_DEADLINES = {
    RunMode.INSTALL: timedelta(minutes=210),
    RunMode.CLEANUP: timedelta(minutes=60),
    RunMode.SWEEP: timedelta(minutes=60),
    RunMode.SCALE: timedelta(minutes=30),
}

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

    `dirty` attempts may have left something; `remains` of them are those that a later look has made dirty again.
    `handed_back` are those that ended with a runner's own fault: of the `lost_attempts`, or of the `cleanup_runs` when
    it is a clean-up that ends.
    """

    job_type: JobType
    outcome: Outcome
    failure_class: str
    cancel_requested: bool
    given_up: bool
    dirty: int
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
    if end.job_type in DESTROY_JOBS:
        return _after_destroy(end)
    if end.cancel_requested:
        return Verdict(job_event=JobEvent.CANCELLED)
    follow = {JobType.ORPHAN_SWEEP: _after_sweep, JobType.SCALE_WORKERS: _after_scale}
    return follow.get(end.job_type, _after_install)(end)


def _after_install(end: AttemptEnd) -> Verdict:
    """Once more, ready, or the end."""
    if end.outcome is Outcome.SUCCEEDED and not end.given_up:
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=ClusterEvent.INSTALL_SUCCEEDED)
    if not end.given_up and _may_install_again(end):
        return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=_install_pause(end))
    return _after_last_install(end)


def _install_pause(end: AttemptEnd) -> float:
    """None after a lost lease: the quarantine was pause enough."""
    if end.outcome is Outcome.LEASE_LOST:
        return 0
    if end.failure_class == RUNNER:
        return pause(end.handed_back, RUNNER_PAUSE_CAP)
    return pause(end.attempts, CREATE_PAUSE_CAP)


def _after_destroy(end: AttemptEnd) -> Verdict:
    """A destroy is never given up silently: it pauses longer and longer, up to four hours."""
    if end.outcome is Outcome.SUCCEEDED and end.dirty == 0:
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=ClusterEvent.DESTROY_PROVEN)
    lost = end.outcome is Outcome.LEASE_LOST
    cap = RUNNER_PAUSE_CAP if end.failure_class == RUNNER else DESTROY_PAUSE_CAP
    return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=0 if lost else pause(end.cleanup_runs, cap))


def _after_sweep(end: AttemptEnd) -> Verdict:
    """Looks again until it could look and everything found is proven gone: without that the finds had no owner.

    A cluster that a find made DESTROYING is DESTROYED again by the new proof; of one that lives only the finds count.
    """
    left = end.dirty if end.destroying else end.remains
    if end.outcome is Outcome.SUCCEEDED and left == 0:
        event = ClusterEvent.DESTROY_PROVEN if end.destroying else None
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=event)
    return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=pause(end.cleanup_runs, DESTROY_PAUSE_CAP))


def _after_scale(end: AttemptEnd) -> Verdict:
    """Done again after a lost runner, which harms nothing. A failure is the end: the run has tried all its time."""
    if end.outcome is Outcome.SUCCEEDED:
        return Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=ClusterEvent.WORKERS_SCALED)
    if end.failure_class == RUNNER:
        return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=pause(end.handed_back, RUNNER_PAUSE_CAP))
    if end.outcome in LOST and end.lost_attempts - end.handed_back <= LOST_ATTEMPTS:
        lease_lost = end.outcome is Outcome.LEASE_LOST
        units = 0 if lease_lost else pause(end.attempts, CREATE_PAUSE_CAP)
        return Verdict(job_event=JobEvent.TO_BE_RETRIED, pause_units=units)
    return Verdict(job_event=JobEvent.GIVEN_UP, cluster_event=ClusterEvent.SCALE_GIVEN_UP)


def _may_install_again(end: AttemptEnd) -> bool:
    """A lost or interrupted runner does not burn the user's attempts, up to a cap of its own; its own fault never."""
    if end.failure_class == RUNNER:
        return True
    if end.outcome in LOST:
        return end.lost_attempts - end.handed_back <= LOST_ATTEMPTS
    allowed = ATTEMPTS_BY_CLASS.get(end.failure_class, ATTEMPTS_BY_CLASS["UNKNOWN"])
    return end.attempts - end.lost_attempts < min(allowed, end.max_attempts)


def _after_last_install(end: AttemptEnd) -> Verdict:
    """What was created must be cleaned up before the job may end; after too many failures a person is needed."""
    if end.dirty and end.cleanup_runs - end.handed_back < CLEANUP_RUNS:
        return Verdict(
            job_event=JobEvent.TO_BE_RETRIED,
            pause_units=pause(end.cleanup_runs, CREATE_PAUSE_CAP),
            give_up=True,
        )
    return Verdict(job_event=JobEvent.GIVEN_UP, cluster_event=ClusterEvent.INSTALL_GIVEN_UP, give_up=True)


def pause(count: int, cap: float) -> float:
    """Back-off before run number `count` + 1: 1, 2, 4 … units, at most `cap` (a unit is a minute)."""
    return float(min(2.0 ** min(max(count - 1, 0), 16), cap))


def run_mode(job_type: JobType, *, given_up: bool) -> RunMode:
    """What the next run of a job does."""
    if job_type is JobType.ORPHAN_SWEEP:
        return RunMode.SWEEP
    if job_type is JobType.SCALE_WORKERS:
        return RunMode.SCALE
    return RunMode.CLEANUP if job_type in DESTROY_JOBS or given_up else RunMode.INSTALL


def max_attempts(job_type: JobType) -> int:
    """Attempts before a job is given up; 0 means never."""
    return {JobType.CREATE: CREATE_ATTEMPTS, JobType.SCALE_WORKERS: SCALE_ATTEMPTS}.get(job_type, 0)


def run_deadline(mode: RunMode) -> timedelta:
    """How long one run may take: the installer's own waits for a create sum to 192 minutes."""
    return RUN_DEADLINES[mode]


def lease_deadline(mode: RunMode, older: int) -> timedelta:
    """How long a lease may be renewed: the run, clean-up and proof of `older` attempts and of its own, some minutes.

    A runner that is still not done then hangs somewhere; it is told that the lease is lost.
    """
    if mode is RunMode.SCALE:
        return run_deadline(mode) + SPARE
    cleanups = older + int(mode is RunMode.INSTALL)
    own = run_deadline(mode) if mode is RunMode.INSTALL else timedelta()
    return own + cleanups * (run_deadline(RunMode.CLEANUP) + PROOF) + SPARE
