"""Runs one installer command under guard and lease, and tells the user what it does meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocpctl_installer_runner.attempt import Attempt, output_of
from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer import log_stages, process_tree
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.environment import environment
from ocpctl_installer_runner.installer.log_follower import Following
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.installer.watchdog import Guarded
from ocpctl_installer_runner.lease import boottime

LOOK_SECONDS = 0.5
DRAIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a command is watched: whether it may be stopped on request, and what to do when it makes no progress.

    `shown`: its log may be shown to people, because the secrets in it are known.
    """

    stoppable: bool
    shown: bool = True
    on_stall: Callable[[], None] | None = None


def run(attempt: Attempt, installer: Installer, words: Sequence[str], folder: Path, watch: Watch) -> int:
    """The exit code of `openshift-install <words> --dir <folder>`; no process of it is left then.

    Raises LeaseLost; RunStopped and RunInterrupted when `stoppable`; RunFailed when the run's deadline has passed.
    """
    command = [str(installer.path), *words, "--dir", str(folder)]
    env = environment(attempt.provider, attempt.grant.attempt_id, attempt.grant.correlation_id, attempt.folder / "home")
    attempt.lease.check()
    deadline = attempt.lease.trusted_until
    guarded = Guarded(
        command,
        env=env,
        folder=folder,
        output=output_of(folder),
        deadline=deadline,
        pid_namespace=attempt.tools.settings.pid_namespace,
    )
    attempt.lease.attach(guarded)
    try:
        code = _follow(attempt, guarded, folder, watch)
    finally:
        guarded.abandon()
        guarded.wait(attempt.lease.kill_seconds)
        attempt.lease.attach(None)
    if code == process_tree.LOST:
        raise LeaseLost
    return code


def _follow(attempt: Attempt, guarded: Guarded, folder: Path, watch: Watch) -> int:
    following = Following(
        folder / LOG_NAME, attempt.secrets, shown=watch.shown, characters=attempt.shown_log.characters
    )
    try:
        code = _wait(attempt, guarded, following, watch)
        _drain(attempt, following)
        return code
    finally:
        following.close()


def _wait(attempt: Attempt, guarded: Guarded, following: Following, watch: Watch) -> int:
    give_up = boottime() + attempt.grant.deadline_seconds
    progressed = boottime()
    while (code := guarded.wait(LOOK_SECONDS)) is None:
        if _tell(attempt, following, 0):
            progressed = boottime()
        attempt.lease.check()
        if watch.on_stall and boottime() > progressed + attempt.tools.settings.stall_seconds:
            watch.on_stall()
            progressed = boottime()
        if boottime() > give_up:
            _stop(attempt, guarded)
            raise RunFailed("UNKNOWN", "The installer did not end within its deadline and was stopped.")
        if watch.stoppable:
            _check_wanted(attempt, guarded)
    return code


def show(attempt: Attempt, folder: Path) -> None:
    """Shows a whole log whose installer has ended."""
    following = Following(folder / LOG_NAME, attempt.secrets, shown=True, characters=attempt.shown_log.characters)
    try:
        _drain(attempt, following)
    finally:
        following.close()


def _drain(attempt: Attempt, following: Following) -> None:
    """Until everything is told, or for DRAIN_SECONDS: a run does not wait for its log for ever."""
    following.end()
    give_up = boottime() + DRAIN_SECONDS
    while not following.done and boottime() < give_up:
        _tell(attempt, following, LOOK_SECONDS)
        attempt.lease.check()
    attempt.tell_left_out()


def _check_wanted(attempt: Attempt, guarded: Guarded) -> None:
    try:
        attempt.lease.check_wanted()
    except (RunStopped, RunInterrupted):
        _stop(attempt, guarded)
        raise


def _stop(attempt: Attempt, guarded: Guarded) -> None:
    """SIGTERM once, patience, then the whole tree is killed by the caller."""
    guarded.terminate()
    give_up = boottime() + attempt.tools.settings.stop_seconds
    while guarded.wait(LOOK_SECONDS) is None and boottime() < give_up:
        attempt.lease.check()


def _tell(attempt: Attempt, following: Following, seconds: float) -> bool:
    """Whether there was a change. Of what was added the last word of each stage is told."""
    last: dict[str, log_stages.StageChange] = {}
    for told in following.told(seconds):
        attempt.show_log(told.lines, told.left_out)
        last |= {change.stage: change for change in told.changes}
    for change in last.values():
        attempt.progress(change.stage, change.percent, change.message)
    return bool(last)
