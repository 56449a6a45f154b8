"""Runs one installer command under watchdog and lease, and tells the user what it does meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from ocpctl_common.telemetry import traces

from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer import process_tree
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.environment import environment
from ocpctl_installer_runner.installer.log_follower import LogFollower
from ocpctl_installer_runner.installer.log_stages import LOG_NAME, StageChange
from ocpctl_installer_runner.installer.watchdog import WatchedInstaller
from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.workspace import output_of

POLL_SECONDS = 0.5
DRAIN_SECONDS = 60.0
STOPPED_DRAIN_SECONDS = 5.0  # somebody waits for the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a command is watched: whether it may be stopped on request, and what to do when it makes no progress.

    `shown`: users may see its log, because the secrets in it are known.
    """

    stoppable: bool
    shown: bool = True
    on_stall: Callable[[], None] | None = None


def execute(run: Run, installer: Installer, words: Sequence[str], folder: Path, watch: Watch) -> int:
    """The exit code of `openshift-install <words> --dir <folder>`; no process of it is left then.

    Raises LeaseLost; RunStopped and RunInterrupted when `stoppable`; RunFailed when the run's deadline has passed.
    """
    return execute_program(run, [str(installer.path), *words, "--dir", str(folder)], folder, watch)


def execute_program(run: Run, command: Sequence[str], folder: Path, watch: Watch) -> int:
    """The same of any program of a release, in `folder`."""
    run.lease.check()
    with traces.span(_verb(command)):
        return _executed(run, command, folder, watch)


def _verb(command: Sequence[str]) -> str:
    """`oc adm release extract`: the program and its words, without what they are given."""
    return " ".join([Path(command[0]).name, *takewhile(lambda word: not word.startswith("-"), command[1:])])


def _executed(run: Run, command: Sequence[str], folder: Path, watch: Watch) -> int:
    process = _started(run, command, folder)
    run.lease.attach(process)
    try:
        code = _follow(run, process, folder, watch)
    finally:
        process.abandon()
        process.wait(run.lease.kill_seconds)
        run.lease.attach(None)
    if code == process_tree.LOST:
        raise LeaseLost
    return code


def _started(run: Run, command: Sequence[str], folder: Path) -> WatchedInstaller:
    grant, home = run.context.grant, run.workspace.path / "home"
    role = run.context.settings.cluster_role
    env = environment(run.context.provider, grant.attempt_id, grant.correlation_id, home, role)
    return WatchedInstaller(
        command,
        env=env,
        folder=folder,
        output=output_of(folder),
        deadline=run.lease.trusted_until,
        pid_namespace=run.context.settings.pid_namespace,
    )


def _follow(run: Run, process: WatchedInstaller, folder: Path, watch: Watch) -> int:
    follower = _follower(run, folder, shown=watch.shown)
    try:
        code = _wait(run, process, follower, watch)
        _drain(run, follower, DRAIN_SECONDS)
    except (RunFailed, RunStopped, RunInterrupted):
        _drain(run, follower, STOPPED_DRAIN_SECONDS)  # what it said last tells most
        raise
    finally:
        follower.close()
    return code


def _follower(run: Run, folder: Path, *, shown: bool) -> LogFollower:
    return LogFollower(folder / LOG_NAME, run.secrets.values, shown=shown, characters=run.reporter.log.characters)


def _wait(run: Run, process: WatchedInstaller, follower: LogFollower, watch: Watch) -> int:
    """The exit code. Meanwhile tells what the log says, and enforces lease, deadline and requests to stop."""
    deadline = boottime() + run.context.grant.deadline_seconds
    last_progress = boottime()
    while (code := process.wait(POLL_SECONDS)) is None:
        if _publish_news(run, follower, 0):
            last_progress = boottime()
        run.reporter.log.flush_when_due()
        run.lease.check()
        if watch.on_stall and boottime() > last_progress + run.context.settings.stall_seconds:
            watch.on_stall()
            last_progress = boottime()
        if boottime() > deadline:
            _stop(run, process)
            raise RunFailed("UNKNOWN", "The installer did not end within its deadline and was stopped.")
        if watch.stoppable:
            _stop_if_unwanted(run, process)
    return code


def publish_log(run: Run, folder: Path) -> None:
    """Shows users the whole log of an installer that has ended."""
    follower = _follower(run, folder, shown=True)
    try:
        _drain(run, follower, DRAIN_SECONDS)
    finally:
        follower.close()


def _drain(run: Run, follower: LogFollower, seconds: float) -> None:
    """Until everything is published, or for `seconds`: a run does not wait for its log for ever, and says so."""
    follower.end()
    deadline = boottime() + seconds
    while not follower.done and boottime() < deadline:
        _publish_news(run, follower, POLL_SECONDS)
        run.lease.check()
    run.reporter.log.publish_what_is_missing(unread=not follower.done)


def _stop_if_unwanted(run: Run, process: WatchedInstaller) -> None:
    try:
        run.lease.check_wanted()
    except (RunStopped, RunInterrupted):
        _stop(run, process)
        raise


def _stop(run: Run, process: WatchedInstaller) -> None:
    """Sends SIGTERM once and waits for a while; then the caller kills the whole process tree."""
    process.terminate()
    deadline = boottime() + run.context.settings.stop_seconds
    while process.wait(POLL_SECONDS) is None and boottime() < deadline:
        run.lease.check()


def _publish_news(run: Run, follower: LogFollower, seconds: float) -> bool:
    """Whether there was a stage change. Only the last change of each stage is sent."""
    last: dict[str, StageChange] = {}
    for news in follower.news(seconds):
        run.reporter.log.publish(news.lines, news.omitted)
        last |= {change.stage: change for change in news.changes}
    for change in last.values():
        run.reporter.progress(change.stage, change.percent, change.message)
    return bool(last)
