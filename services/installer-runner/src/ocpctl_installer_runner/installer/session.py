"""Runs one installer command under guard and lease, and tells the user what it does meanwhile."""

from collections.abc import Sequence
from pathlib import Path

from ocpctl_installer_runner.attempt import Attempt, output_of
from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer import marks, tree
from ocpctl_installer_runner.installer.binary import Installer, environment
from ocpctl_installer_runner.installer.guard import Guarded
from ocpctl_installer_runner.lease import boottime

LOOK_SECONDS = 0.5


def run(attempt: Attempt, installer: Installer, words: Sequence[str], folder: Path, *, stoppable: bool) -> int:
    """The exit code of `openshift-install <words> --dir <folder>`; no process of it is left then.

    Raises LeaseLost; RunStopped and RunInterrupted when `stoppable`; RunFailed when the run's deadline has passed.
    """
    command = [str(installer.path), *words, "--dir", str(folder)]
    env = environment(attempt.grant.attempt_id, attempt.grant.correlation_id, attempt.folder / "home")
    attempt.lease.check()
    deadline = attempt.lease.trusted_until
    guarded = Guarded(command, env=env, folder=folder, output=output_of(folder), deadline=deadline)
    attempt.lease.attach(guarded)
    try:
        code = _follow(attempt, guarded, folder, stoppable=stoppable)
    finally:
        guarded.abandon()
        guarded.wait(attempt.tools.settings.kill_seconds)
        attempt.lease.attach(None)
    if code == tree.LOST:
        raise LeaseLost
    return code


def _follow(attempt: Attempt, guarded: Guarded, folder: Path, *, stoppable: bool) -> int:
    follower = marks.LogFollower(folder)
    give_up = boottime() + attempt.grant.deadline_seconds
    while (code := guarded.wait(LOOK_SECONDS)) is None:
        _tell(attempt, follower)
        attempt.lease.check()
        if boottime() > give_up:
            _stop(attempt, guarded)
            raise RunFailed("UNKNOWN", "The installer did not end within its deadline and was stopped.")
        if stoppable:
            _check_wanted(attempt, guarded)
    _tell(attempt, follower)
    return code


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


def _tell(attempt: Attempt, follower: marks.LogFollower) -> None:
    """Only the last change of what was added: the ones before are over."""
    found = list(marks.changes(follower.new_lines()))
    if found:
        attempt.progress(found[-1].stage, found[-1].percent, found[-1].message)
