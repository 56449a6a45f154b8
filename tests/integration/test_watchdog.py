"""The watchdog: an installer whose controllers sit in process groups of their own never outlives trust."""

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from ocpctl_installer_runner.installer import process_tree, watchdog
from ocpctl_installer_runner.installer.watchdog import WatchedInstaller
from ocpctl_installer_runner.lease import boottime

from tests.waiting import wait_for

# Starts a controller in a session of its own, which starts another one; then behaves as told.
INSTALLER = r"""
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
    while True: time.sleep(60)
print("started", flush=True)
if sys.argv[1] == "stubborn": signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[1] == "polite": signal.signal(signal.SIGTERM, lambda *_: sys.exit(8))
if sys.argv[1] == "done": sys.exit(0)
if sys.argv[1] == "six": sys.exit(6)
if sys.argv[1] == "two hundred": sys.exit(200)
if sys.argv[1] == "hides":
    creator = "import time\nwhile True: print(time.time(), file=open('created', 'a'), flush=True); time.sleep(0.05)"
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execve(sys.executable, [sys.executable, "-c", creator], {})
        sys.exit(0)
    os.wait()
while True: time.sleep(60)
"""


@pytest.fixture
def attempt_id() -> Iterator[str]:
    name = f"att_{uuid.uuid4().hex}"
    yield name
    assert process_tree.find(name) == []


def start(
    attempt_id: str, folder: Path, manner: str, seconds: float = 60, *, pid_namespace: bool = True
) -> WatchedInstaller:
    env = {"PATH": os.environ["PATH"], process_tree.VARIABLE: attempt_id}
    command = [sys.executable, "-c", INSTALLER, manner]
    output = folder / "out"
    watched = WatchedInstaller(
        command,
        env=env,
        folder=folder,
        output=output,
        deadline=boottime() + seconds,
        pid_namespace=pid_namespace,
    )
    if manner not in ("done", "six", "two hundred"):
        wait_for(lambda: "started" in output.read_text() and len(process_tree.find(attempt_id)) == 4)
    return watched


@pytest.mark.parametrize(("manner", "code"), [("done", 0), ("six", 6), ("two hundred", 200)])
def test_the_exit_code_comes_back_and_leaked_children_die(
    attempt_id: str, tmp_path: Path, manner: str, code: int
) -> None:
    assert start(attempt_id, tmp_path, manner).wait(20) == code


def test_killing_the_installer_alone_kills_its_controllers_too(attempt_id: str, tmp_path: Path) -> None:
    watched = start(attempt_id, tmp_path, "polite")
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in process_tree.find(attempt_id)}
    installer = min(pid for pid, command in commands.items() if b"watchdog_main" not in command)
    os.kill(installer, signal.SIGKILL)
    assert watched.wait(20) == 128 + signal.SIGKILL


def test_abandon_kills_the_whole_tree(attempt_id: str, tmp_path: Path) -> None:
    watched = start(attempt_id, tmp_path, "stubborn")
    watched.abandon()
    assert watched.wait(20) == process_tree.LOST


@pytest.fixture
def no_cgroup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A watchdog on a host that allows no control group: its copy finds none."""
    folder = tmp_path / "watchdog"
    shutil.copytree(watchdog.PROGRAM.parent, folder)
    (folder / "cgroup.py").write_text("class Cgroup: ...\ndef make(name): return None\n")
    monkeypatch.setattr(watchdog, "PROGRAM_COMMAND", (sys.executable, "-I", "-S", str(folder / "watchdog_main.py")))


def _dies(watched: WatchedInstaller, created: Path) -> None:
    wait_for(created.exists)
    watched.abandon()
    assert watched.wait(20) == process_tree.LOST
    said = created.read_text()
    time.sleep(0.5)  # ten of its steps
    assert created.read_text() == said


@pytest.mark.usefixtures("no_cgroup")
def test_who_clears_its_environment_forks_twice_and_leaves_the_session_dies_too(
    attempt_id: str, tmp_path: Path
) -> None:
    _dies(start(attempt_id, tmp_path, "hides", pid_namespace=False), tmp_path / "created")


def test_the_same_with_all_that_this_host_allows(attempt_id: str, tmp_path: Path) -> None:
    _dies(start(attempt_id, tmp_path, "hides"), tmp_path / "created")


@pytest.mark.usefixtures("no_cgroup")
def test_who_hides_dies_with_a_killed_runner(attempt_id: str, tmp_path: Path) -> None:
    watched = start(attempt_id, tmp_path, "hides", pid_namespace=False, seconds=3)
    wait_for((tmp_path / "created").exists)
    assert watched.wait(20) == process_tree.LOST
    said = (tmp_path / "created").read_text()
    time.sleep(0.5)
    assert (tmp_path / "created").read_text() == said


def test_a_control_group_is_removed_with_its_installer(attempt_id: str, tmp_path: Path) -> None:
    start(attempt_id, tmp_path, "done").wait(20)
    assert list(Path("/sys/fs/cgroup").glob(f"**/ocpctl-{attempt_id}-*")) == []


def test_a_passed_deadline_kills_without_the_runner(attempt_id: str, tmp_path: Path) -> None:
    start(attempt_id, tmp_path, "stubborn", seconds=4)
    wait_for(lambda: process_tree.find(attempt_id) == [])


def test_extending_keeps_it_alive(attempt_id: str, tmp_path: Path) -> None:
    watched = start(attempt_id, tmp_path, "stubborn", seconds=4)
    for _ in range(4):
        watched.extend(boottime() + 4)
        assert watched.wait(1.5) is None
    watched.abandon()
    watched.wait(20)


def test_terminate_reaches_the_installer_once(attempt_id: str, tmp_path: Path) -> None:
    watched = start(attempt_id, tmp_path, "polite")
    watched.terminate()
    assert watched.wait(20) == 8


def test_a_killed_watchdog_is_noticed_and_its_tree_swept(attempt_id: str, tmp_path: Path) -> None:
    watched = start(attempt_id, tmp_path, "stubborn")
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in process_tree.find(attempt_id)}
    os.kill(next(pid for pid, command in commands.items() if b"watchdog_main" in command), signal.SIGKILL)
    assert watched.wait(20) == process_tree.LOST


def test_a_killed_runner_takes_its_installer_along(attempt_id: str, tmp_path: Path) -> None:
    """The runner here is a process of its own, killed with SIGKILL."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from tests.integration.test_watchdog import start\n"
        "start(sys.argv[1], Path(sys.argv[2]), 'stubborn'); print('up', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, attempt_id, str(tmp_path)]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"up\n"
    assert len(process_tree.find(attempt_id)) == 4
    runner.kill()
    runner.wait()
    wait_for(lambda: process_tree.find(attempt_id) == [])


def test_a_stopped_runner_cannot_save_its_installer(attempt_id: str, tmp_path: Path) -> None:
    """SIGSTOP: nobody extends, nobody closes the pipe; the watchdog's own clock decides."""
    program = (
        "import sys, time; from pathlib import Path\n"
        "from tests.integration.test_watchdog import start\n"
        "start(sys.argv[1], Path(sys.argv[2]), 'stubborn', 5.0); print('up', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, attempt_id, str(tmp_path)]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"up\n"
    runner.send_signal(signal.SIGSTOP)
    try:
        wait_for(lambda: process_tree.find(attempt_id) == [])
    finally:
        runner.kill()
        runner.wait()


def test_a_number_that_was_given_to_another_process_meanwhile_is_not_killed(
    attempt_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as innocent:
        looks = iter([[innocent.pid], [], []])
        monkeypatch.setattr(process_tree, "find", lambda attempt_id: next(looks))
        process_tree.kill(attempt_id)
        monkeypatch.undo()
        assert innocent.poll() is None
        innocent.kill()
