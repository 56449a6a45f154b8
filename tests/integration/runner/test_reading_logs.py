"""The process that reads an installer's log: it ends with its runner, and another one goes on where it was lost."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ocpctl_installer_runner.errors import RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer import installer_command
from ocpctl_installer_runner.installer.log_follower import RESTARTED, LogFollower
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.log_publisher import LogPublisher
from ocpctl_installer_runner.user_visible_log import UNREAD

from tests.waiting import wait_for

RUNNER = """
import sys, time
from pathlib import Path
from ocpctl_installer_runner.installer.log_follower import LogFollower
print(LogFollower(Path(sys.argv[1]), [], shown=True).pid, flush=True)
time.sleep(600)
"""


def record(message: str) -> str:
    return f'time="2026-11-23T12:00:00Z" level=info msg="{message}"'


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_it_ends_with_a_runner_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", RUNNER, str(tmp_path / "log")], stdout=subprocess.PIPE) as runner:
        assert runner.stdout is not None
        reader = int(runner.stdout.readline())
        assert alive(reader)
        runner.kill()
    wait_for(lambda: not alive(reader), what="the end of the reader")


def read(follower: LogFollower, limit: int) -> list[str]:
    """Lines until `limit` have come."""
    lines: list[str] = []

    def more() -> bool:
        for news in follower.news(0.1):
            lines.extend(news.lines)
        return len(lines) >= limit

    wait_for(more, what=f"{limit} lines")
    return lines


def test_one_that_is_killed_is_told_and_nothing_is_lost_or_repeated(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(f"{record('one')}\n{record('the secret is hunter2-hunter2')}\nhalf of a li")
    follower = LogFollower(log, ["hunter2-hunter2"], shown=True)
    try:
        assert read(follower, 2) == [record("one"), record("the secret is [REDACTED]")]
        os.kill(follower.pid, signal.SIGKILL)
        with log.open("a") as more:
            more.write(f"ne\n{record('again hunter2-hunter2')}\n")
        assert read(follower, 2) == [RESTARTED, record("again [REDACTED]")]
        follower.end()
        wait_for(lambda: list(follower.news(0.1)) == [] and follower.done, what="the end")
    finally:
        follower.close()
    assert not alive(follower.pid)


class Shown:
    """What users see of a run."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def append_log(self, header: object, batch: Any) -> None:
        self.lines += batch.lines


def drained(follower: LogFollower) -> list[str]:
    """The lines of a run whose installer has ended."""
    shown, lease = Shown(), SimpleNamespace(check=lambda: None)
    log = LogPublisher(cast("Any", shown), cast("Any", lease), cast("Any", None), KnownSecrets())
    run = SimpleNamespace(lease=lease, reporter=SimpleNamespace(log=log, progress=lambda *_: None))
    installer_command._drain(cast("Any", run), follower, installer_command.DRAIN_SECONDS)
    return shown.lines


@pytest.mark.parametrize("stopped", [False, True])
def test_what_was_not_read_in_time_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: bool) -> None:
    """As on a machine that is so busy that the reader, which is nice, gets no turn."""
    monkeypatch.setattr(installer_command, "DRAIN_SECONDS", 1.0 if stopped else 600.0)
    log = tmp_path / "log"
    log.write_text(record("one") + "\n")
    follower = LogFollower(log, [], shown=True)
    try:
        assert read(follower, 1) == [record("one")]
        if stopped:
            os.kill(follower.pid, signal.SIGSTOP)
        with log.open("a") as more:
            more.write(record("two") + "\n")
        assert drained(follower) == ([UNREAD] if stopped else [record("two")])
    finally:
        os.kill(follower.pid, signal.SIGCONT)
        follower.close()


class Endless:
    """An installer that says something when it is told to end, and ends at once or not at all."""

    def __init__(self, log: Path, *, obeys: bool) -> None:
        self._log, self._obeys = log, obeys
        self._ended = False

    def wait(self, _: float) -> int | None:
        return 143 if self._ended else None

    def terminate(self) -> None:
        with self._log.open("a") as more:
            more.write(record("received terminated") + "\n")
        self._ended = self._obeys


@pytest.mark.parametrize("obeys", [True, False])
@pytest.mark.parametrize("why", [RunFailed, RunStopped, RunInterrupted])
def test_what_a_stopped_installer_said_last_is_shown(tmp_path: Path, why: type[Exception], obeys: bool) -> None:
    shown = Shown()

    def check_wanted() -> None:
        if why is not RunFailed:
            raise why

    lease = SimpleNamespace(check=lambda: None, check_wanted=check_wanted)
    log = LogPublisher(cast("Any", shown), cast("Any", lease), cast("Any", None), KnownSecrets())
    grant = SimpleNamespace(deadline_seconds=0 if why is RunFailed else 600)
    context = SimpleNamespace(grant=grant, settings=SimpleNamespace(stop_seconds=0.1, stall_seconds=600))
    reporter = SimpleNamespace(log=log, progress=lambda *_: None)
    run = SimpleNamespace(lease=lease, reporter=reporter, context=context, secrets=KnownSecrets())
    path = tmp_path / LOG_NAME
    path.write_text(record("one") + "\n")
    watch = installer_command.Watch(stoppable=True)
    with pytest.raises(why):
        installer_command._follow(cast("Any", run), cast("Any", Endless(path, obeys=obeys)), tmp_path, watch)
    assert shown.lines == [record("one"), record("received terminated")]
